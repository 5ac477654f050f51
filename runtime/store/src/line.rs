//! The text of a line: JSON with its checksum as the last member.
//!
//! ```text
//! {"seq":7,"durable":5,"at":1790000000000,"records":[…],"crc":"1f2e3d4c"}   a transaction
//! {"durable":7,"crc":"…"}                                                   a mark, written when idle
//! {"format":"carapace-journal","version":1,"first":7,"crc":"…"}             a segment's first line
//! ```
//!
//! The checksum is CRC-32C (Castagnoli) of the bytes before `,"crc"`, as eight hexadecimal digits. A line of blanks is
//! padding. So a file can be read, and a line checked, with a text editor and one small program.

use crate::{Error, Line, Position, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::io::Write as _;

/// The largest line, with its line break. What is larger belongs into a blob.
pub(crate) const MAX_LINE: usize = 64 * 1024 * 1024;

/// `,"crc":"01234567"}`.
const TAIL: usize = 18;

/// A line of a segment, decoded.
#[derive(Debug)]
pub(crate) enum Decoded<'a> {
    /// Padding.
    Blank,
    /// A transaction.
    Line(Line<'a>),
    /// A mark: everything up to here is durable.
    Mark(Position),
}

#[derive(Deserialize)]
struct WireLine<'a> {
    seq: Option<Position>,
    durable: Position,
    at: Option<i64>,
    #[serde(borrow)]
    records: Option<Vec<&'a RawValue>>,
}

/// Appends the line of a transaction, with its line break.
///
/// # Errors
/// [`Error::TooLarge`]; `out` is as it was then.
pub(crate) fn encode(
    out: &mut Vec<u8>,
    seq: Position,
    durable: Position,
    transaction: &Transaction,
) -> Result<(), Error> {
    let start = out.len();
    push(out, format_args!("{{\"seq\":{seq},\"durable\":{durable},\"at\":{},\"records\":", transaction.at));
    let records = out.len();
    out.extend_from_slice(transaction.records.as_bytes());
    // A line break can only be white space between tokens: inside a JSON text it is escaped.
    let written = out.get_mut(records..).unwrap_or_default();
    // Hardly ever there is one; so it is looked for without a branch at each byte, many at a time.
    if written.iter().fold(false, |found, byte| found | (*byte == b'\n') | (*byte == b'\r')) {
        written.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    }
    seal(out, start);
    let size = out.len().saturating_sub(start);
    if size > MAX_LINE {
        out.truncate(start);
        return Err(Error::TooLarge { size, limit: MAX_LINE });
    }
    Ok(())
}

/// Appends a mark, with its line break.
pub(crate) fn encode_mark(out: &mut Vec<u8>, durable: Position) {
    let start = out.len();
    push(out, format_args!("{{\"durable\":{durable}"));
    seal(out, start);
}

/// Any JSON object with the checksum added, with its line break.
pub(crate) fn encode_object<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = serde_json::to_vec(value)?;
    out.pop();
    seal(&mut out, 0);
    Ok(out)
}

/// The object of [`encode_object`], if its checksum is right.
pub(crate) fn decode_object<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, String> {
    checked(line)?;
    serde_json::from_slice(line).map_err(|e| e.to_string())
}

/// The line of a JSON object that is text already, with its checksum and line break.
pub(crate) fn sealed(object: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(object.len().saturating_add(TAIL));
    out.extend_from_slice(object.strip_suffix(b"}").unwrap_or(object));
    seal(&mut out, 0);
    out
}

/// Makes a line of [`sealed`], with its line break, the object that was put into it.
pub(crate) fn unseal(line: &mut Vec<u8>) -> Result<(), String> {
    let text = line.strip_suffix(b"\n").ok_or("the line is not complete")?;
    let length = checked(text)?.len();
    line.truncate(length);
    line.push(b'}');
    Ok(())
}

/// A line without its line break.
///
/// # Errors
/// What is wrong with it, for a person.
pub(crate) fn decode(line: &[u8]) -> Result<Decoded<'_>, String> {
    if line.iter().all(|b| *b == b' ') {
        return Ok(Decoded::Blank);
    }
    checked(line)?;
    let wire: WireLine<'_> = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    match (wire.seq, wire.at, wire.records) {
        (Some(seq), Some(at), Some(records)) => {
            Ok(Decoded::Line(Line { seq, durable: wire.durable, at, records }))
        }
        (None, None, None) => Ok(Decoded::Mark(wire.durable)),
        _ => Err("members are missing".to_owned()),
    }
}

/// What the checksum at the end of a line covers, if it is right.
fn checked(line: &[u8]) -> Result<&[u8], String> {
    let split = line.len().checked_sub(TAIL).and_then(|at| line.split_at_checked(at));
    let Some((body, tail)) = split else { return Err("the line is not complete".to_owned()) };
    let expected = tail.strip_prefix(b",\"crc\":\"").and_then(|t| t.strip_suffix(b"\"}"));
    let Some(expected) = expected else { return Err("the line is not complete".to_owned()) };
    if hexadecimal(crc32c::crc32c(body)) == *expected {
        Ok(body)
    } else {
        Err("the checksum does not match".to_owned())
    }
}

/// As `{:08x}` writes it.
fn hexadecimal(sum: u32) -> [u8; 8] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit =
        |place: usize| DIGITS.get((sum >> (28 - 4 * place)) as usize & 15).copied().unwrap_or_default();
    std::array::from_fn(digit)
}

/// Closes the object that began at `start` with its checksum.
fn seal(out: &mut Vec<u8>, start: usize) {
    let sum = out.get(start..).map_or(0, crc32c::crc32c);
    push(out, format_args!(",\"crc\":\"{sum:08x}\"}}\n"));
}

fn push(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a vector cannot fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(records: &str) -> Vec<u8> {
        let transaction = Transaction { at: 12, records: records.to_owned() };
        let mut out = Vec::new();
        encode(&mut out, Position(7), Position(5), &transaction).unwrap();
        out
    }

    #[test]
    fn a_line_is_json_with_the_checksum_last() {
        let text = String::from_utf8(line(r#"[{"a":1},"b"]"#)).unwrap();
        assert!(
            text.starts_with(r#"{"seq":7,"durable":5,"at":12,"records":[{"a":1},"b"],"crc":""#)
                && text.ends_with("\"}\n"),
            "{text}"
        );
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }

    #[test]
    fn a_checksum_is_eight_digits() {
        for sum in [0, 1, 0x0123_4567, 0x89ab_cdef, u32::MAX] {
            assert_eq!(hexadecimal(sum).as_slice(), format!("{sum:08x}").as_bytes());
        }
    }

    #[test]
    fn an_object_comes_back_as_it_was_put_in() {
        for object in [&b"{}"[..], b"{\"a\":{\"b\":[]}}"] {
            let mut line = sealed(object);
            unseal(&mut line).unwrap();
            assert_eq!(line, object);
        }
        assert!(unseal(&mut b"{}\n".to_vec()).is_err());
    }

    #[test]
    fn a_line_is_read_back() {
        let bytes = line(r#"[{"a":"x\ny"}]"#);
        let Ok(Decoded::Line(read)) = decode(bytes.trim_ascii_end()) else { panic!("no line") };
        assert_eq!((read.seq, read.durable, read.at), (Position(7), Position(5), 12));
        assert_eq!(read.records[0].get(), r#"{"a":"x\ny"}"#);
    }

    #[test]
    fn line_breaks_between_tokens_do_not_break_the_line() {
        let bytes = line("[{\n\"a\":\r\n1}]");
        assert_eq!(bytes.iter().filter(|b| **b == b'\n').count(), 1);
        assert!(decode(bytes.trim_ascii_end()).is_ok());
    }

    #[test]
    fn every_flipped_bit_and_every_torn_length_is_seen() {
        let bytes = line(r#"[{"amount":"12.50"},{"to":"ana"}]"#);
        let body = bytes.trim_ascii_end();
        for at in 0..body.len() {
            assert!(decode(&body[..at]).is_err() || at == 0, "torn at {at}");
            for bit in 0..8 {
                let mut flipped = body.to_vec();
                flipped[at] ^= 1 << bit;
                assert!(decode(&flipped).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn marks_and_padding_are_told_apart() {
        let mut mark = Vec::new();
        encode_mark(&mut mark, Position(9));
        assert!(matches!(decode(mark.trim_ascii_end()), Ok(Decoded::Mark(Position(9)))));
        assert!(matches!(decode(b""), Ok(Decoded::Blank)));
        assert!(matches!(decode(b"     "), Ok(Decoded::Blank)));
        assert!(decode(b"  x").is_err());
        assert!(decode(&[0; 40]).is_err(), "zeros are not padding");
    }
}
