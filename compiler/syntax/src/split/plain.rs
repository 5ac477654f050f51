//! The plain text of an item: what the grammar reads, byte for byte as long as the source.

use super::{Brackets, Mark};
use crate::lex::Token;

/// Stands where something was taken out.
pub(crate) const PLAIN_BROKEN: u8 = 1;
const RECORD_OPEN: u8 = 2;
const RECORD_CLOSE: u8 = 3;

/// The plain text of `tokens`, which are all of `source`. Braces that are missing are not yet in it.
pub(crate) fn plain_text(source: &str, tokens: &[Token], marks: &[Mark]) -> Vec<u8> {
    let mut plain = vec![b' '; source.len()];
    for (token, mark) in tokens.iter().zip(marks) {
        let Some(place) = plain.get_mut(token.start as usize..token.end as usize) else { continue };
        match mark {
            Mark::Blank => {}
            Mark::LineEnd => place.fill(b'\n'),
            Mark::RecordOpen => place.fill(RECORD_OPEN),
            Mark::RecordClose => place.fill(RECORD_CLOSE),
            Mark::Keep | Mark::BlockOpen(_) | Mark::BlockClose => {
                place.copy_from_slice(token.text(source).as_bytes())
            }
        }
    }
    plain
}

/// Puts a `}` for each brace that lacks one: into the blank before the token where it belongs, or behind the end. A
/// brace that was itself taken out needs none.
pub(crate) fn put_missing_braces(plain: &mut Vec<u8>, tokens: &[Token], brackets: &Brackets) {
    for (open, before) in &brackets.closed_before {
        let opened = tokens.get(*open).and_then(|t| plain.get(t.start as usize));
        if opened != Some(&b'{') && opened != Some(&RECORD_OPEN) {
            continue;
        }
        let brace = if opened == Some(&b'{') { b'}' } else { RECORD_CLOSE };
        let Some(token) = tokens.get(*before) else {
            plain.push(brace);
            continue;
        };
        let behind = plain
            .get(..token.start as usize)
            .and_then(|head| head.iter().rposition(|b| !matches!(b, b' ' | b'\n')));
        if let Some(place) = behind.and_then(|i| plain.get_mut(i + 1))
            && matches!(*place, b' ' | b'\n')
        {
            *place = brace;
        }
    }
}
