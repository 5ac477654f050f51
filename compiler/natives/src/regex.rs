//! `std/regex`.

use crate::Error;
use crate::args::{Answer, LARGEST, text, texts};
use crate::pattern::compiled;
use carapace_module::Value;

pub(crate) fn find_all(args: &[Value]) -> Answer {
    let regex = compiled(text(args, 1)?, false)?;
    Ok(texts(regex.find_iter(text(args, 0)?).map(|m| m.as_str())))
}

pub(crate) fn replace_all(args: &[Value]) -> Answer {
    let (source, new) = (text(args, 0)?, text(args, 2)?);
    let regex = compiled(text(args, 1)?, false)?;
    let mut out = String::new();
    let mut last = 0;
    for found in regex.captures_iter(source) {
        let Some(whole) = found.get(0) else { continue };
        out.push_str(source.get(last..whole.start()).unwrap_or_default());
        found.expand(new, &mut out);
        last = whole.end();
        if out.len() > LARGEST {
            return Err(Error::TooLarge);
        }
    }
    out.push_str(source.get(last..).unwrap_or_default());
    Ok(Value::text(out))
}

pub(crate) fn split_by(args: &[Value]) -> Answer {
    let regex = compiled(text(args, 1)?, false)?;
    Ok(texts(regex.split(text(args, 0)?)))
}

pub(crate) fn captures(args: &[Value]) -> Answer {
    let regex = compiled(text(args, 1)?, false)?;
    let Some(found) = regex.captures(text(args, 0)?) else { return Ok(Value::map([])) };
    let named = regex.capture_names().flatten();
    Ok(Value::map(
        named.filter_map(|name| found.name(name).map(|m| (Value::text(name), Value::text(m.as_str())))),
    ))
}
