//! `std/text`. A letter is an extended grapheme cluster: what a reader counts as one.

use crate::Error;
use crate::args::{Answer, LARGEST, count, int, optional, range, text, texts};
use carapace_module::{Decimal, Value};
use unicode_segmentation::UnicodeSegmentation;

pub(crate) fn length(args: &[Value]) -> Answer {
    let text = text(args, 0)?;
    // In ASCII every byte is a letter, but a line's end of two bytes is one.
    let n = if text.is_ascii() && !text.contains('\r') { text.len() } else { text.graphemes(true).count() };
    Ok(count(n))
}

pub(crate) fn upper(args: &[Value]) -> Answer {
    Ok(Value::text(text(args, 0)?.to_uppercase()))
}

pub(crate) fn lower(args: &[Value]) -> Answer {
    Ok(Value::text(text(args, 0)?.to_lowercase()))
}

pub(crate) fn trim(args: &[Value]) -> Answer {
    Ok(Value::text(text(args, 0)?.trim()))
}

pub(crate) fn split(args: &[Value]) -> Answer {
    let (text, separator) = (text(args, 0)?, text(args, 1)?);
    Ok(if separator.is_empty() { texts(std::iter::once(text)) } else { texts(text.split(separator)) })
}

pub(crate) fn replace(args: &[Value]) -> Answer {
    let (text, old, new) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    if old.is_empty() {
        return Ok(Value::text(text));
    }
    if new.len() > old.len() {
        let growth = text.matches(old).count().saturating_mul(new.len() - old.len());
        if text.len().saturating_add(growth) > LARGEST {
            return Err(Error::TooLarge);
        }
    }
    Ok(Value::text(text.replace(old, new)))
}

pub(crate) fn slice(args: &[Value]) -> Answer {
    let text = text(args, 0)?;
    let (from, to) = (int(args, 1)?, int(args, 2)?);
    if text.is_ascii() && !text.contains('\r') {
        return Ok(Value::text(text.get(range(from, to, text.len())).unwrap_or_default()));
    }
    let range = range(from, to, text.len());
    Ok(Value::text(text.graphemes(true).skip(range.start).take(range.len()).collect::<String>()))
}

pub(crate) fn index_of(args: &[Value]) -> Answer {
    let (text, part) = (text(args, 0)?, text(args, 1)?);
    let place = text.find(part).and_then(|at| text.get(..at)).map(|before| before.graphemes(true).count());
    Ok(optional(place.map(count)))
}

pub(crate) fn letters(args: &[Value]) -> Answer {
    Ok(texts(text(args, 0)?.graphemes(true)))
}

pub(crate) fn words(args: &[Value]) -> Answer {
    Ok(texts(text(args, 0)?.split_whitespace()))
}

pub(crate) fn to_int(args: &[Value]) -> Answer {
    let text = text(args, 0)?.trim();
    Ok(optional(text.parse().ok().filter(|_| !text.starts_with('+')).map(Value::Int)))
}

pub(crate) fn to_number(args: &[Value]) -> Answer {
    Ok(optional(Decimal::parse(text(args, 0)?.trim()).map(Value::Number)))
}
