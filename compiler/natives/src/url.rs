//! `std/url`.

use crate::args::{Answer, optional, text};
use carapace_module::Value;
use std::fmt::Write;

/// Everything but letters, digits and `-._~` as `%20` and the like.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

pub(crate) fn encode(args: &[Value]) -> Answer {
    Ok(Value::text(encoded(text(args, 0)?)))
}

pub(crate) fn decode(args: &[Value]) -> Answer {
    Ok(optional(decoded(text(args, 0)?.as_bytes()).map(Value::text)))
}

fn decoded(mut rest: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(rest.len());
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            out.push(*first);
            continue;
        }
        let (high, low) = (behind.first()?, behind.get(1)?);
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
        out.push(digit(high)? << 4 | digit(low)?);
        rest = behind.get(2..)?;
    }
    String::from_utf8(out).ok()
}
