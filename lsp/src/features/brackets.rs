//! Brackets that are still open where something is being written.

use carapace_syntax::{Bracket, Token, TokenKind};

/// What closes the brackets that are open within their block, without what stands on the rest of the line.
pub(super) fn closing(tokens: &[Token], rest: &str) -> String {
    let (mut depth, mut open) = (0_usize, String::new());
    for token in tokens.iter().rev() {
        match (token.kind, depth.checked_sub(1)) {
            (TokenKind::Close(_), _) => depth = depth.saturating_add(1),
            (TokenKind::Open(_), Some(less)) => depth = less,
            (TokenKind::Open(Bracket::Paren), None) => open.push(')'),
            (TokenKind::Open(Bracket::Square), None) => open.push(']'),
            (TokenKind::Open(_), None) => break,
            _ => {}
        }
    }
    let there = rest.matches([')', ']']).count().saturating_sub(rest.matches(['(', '[']).count());
    open.chars().take(open.len().saturating_sub(there)).collect()
}
