//! `std/bytes`.

use crate::args::{Answer, bytes, count, optional, text};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use carapace_module::Value;
use std::fmt::Write;

pub(crate) fn size(args: &[Value]) -> Answer {
    Ok(count(bytes(args, 0)?.len()))
}

pub(crate) fn to_bytes(args: &[Value]) -> Answer {
    Ok(Value::bytes(text(args, 0)?.as_bytes().to_vec()))
}

pub(crate) fn to_text(args: &[Value]) -> Answer {
    Ok(optional(std::str::from_utf8(bytes(args, 0)?).ok().map(Value::text)))
}

pub(crate) fn base64(args: &[Value]) -> Answer {
    Ok(Value::text(STANDARD.encode(bytes(args, 0)?)))
}

pub(crate) fn from_base64(args: &[Value]) -> Answer {
    let text = text(args, 0)?.trim().trim_end_matches('=');
    Ok(optional(STANDARD_NO_PAD.decode(text).ok().map(Value::bytes)))
}

pub(crate) fn hex(args: &[Value]) -> Answer {
    let mut out = String::new();
    for byte in bytes(args, 0)? {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    Ok(Value::text(out))
}

pub(crate) fn from_hex(args: &[Value]) -> Answer {
    let digits: Option<Vec<u8>> =
        text(args, 0)?.trim().chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let bytes = digits.filter(|d| d.len() % 2 == 0).map(|digits| {
        digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
    });
    Ok(optional(bytes.map(Value::bytes)))
}
