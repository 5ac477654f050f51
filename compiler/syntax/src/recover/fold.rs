//! A piece of an item with the blocks in it folded to `{}`.

use super::blocks::{Piece, after};
use crate::lex::Token;
use crate::split::{Brackets, Mark};

/// The folded text, and where its characters stand in the item.
pub(super) struct Folded {
    pub(super) text: String,
    /// Runs of bytes: start in the text, start in the item.
    runs: Vec<(usize, usize)>,
}

impl Folded {
    /// The place in the item of a byte of the text.
    pub(super) fn place(&self, offset: usize) -> usize {
        let index = self.runs.partition_point(|(start, _)| *start <= offset);
        let (start, place) = index.checked_sub(1).and_then(|i| self.runs.get(i)).copied().unwrap_or_default();
        place + (offset - start)
    }
}

/// Folds `piece` of `plain`.
pub(super) fn fold(
    plain: &[u8],
    tokens: &[Token],
    marks: &[Mark],
    brackets: &Brackets,
    ends: &[Option<u32>],
    piece: Piece,
) -> Folded {
    let mut text: Vec<u8> = Vec::new();
    let mut runs = Vec::new();
    let mut last_end = tokens.get(piece.from).map_or(0, |t| t.start as usize);
    let mut at = piece.from;
    while at < piece.to {
        let Some(token) = tokens.get(at) else { break };
        let (start, end) = (token.start as usize, token.end as usize);
        let gap = start.saturating_sub(last_end);
        runs.push((text.len(), last_end));
        if gap > 0 {
            text.push(b' ');
            runs.push((text.len(), start));
        }
        let folded = matches!(marks.get(at), Some(Mark::BlockOpen(p)) if *p != crate::split::Parts::Whole);
        if folded && let Some(Some(close)) = ends.get(at) {
            text.extend_from_slice(b"{}");
            let close = *close as usize;
            last_end = tokens
                .get(close)
                .filter(|_| brackets.partner.get(at).copied().flatten().is_some())
                .map_or(end, |t| t.end as usize);
            at = if brackets.partner.get(at).copied().flatten().is_some() {
                close + 1
            } else {
                after(brackets, ends, at)
            };
            continue;
        }
        text.extend_from_slice(plain.get(start..end).unwrap_or_default());
        last_end = end;
        at += 1;
    }
    while text.last().is_some_and(|b| matches!(b, b' ' | b'\n')) {
        text.pop();
    }
    Folded { text: String::from_utf8_lossy(&text).into_owned(), runs }
}
