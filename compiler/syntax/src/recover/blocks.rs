//! The blocks of an item from the inside out, and the pieces of each.

use crate::grammar::Rule;
use crate::lex::{Bracket, Token, TokenKind};
use crate::split::{Brackets, Mark, Parts};

/// A pair of braces with things to be parsed one by one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// The token of `{`.
    pub(super) open: usize,
    /// The token of `}`, or the one before which it is missing.
    pub(super) end: usize,
    pub(super) parts: Parts,
}

/// A statement, arm, field, …: tokens `from..to`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// For every token that opens a block, where the block ends.
pub(super) fn block_ends(tokens: &[Token], marks: &[Mark], brackets: &Brackets) -> Vec<Option<u32>> {
    let mut ends: Vec<Option<u32>> = marks
        .iter()
        .zip(&brackets.partner)
        .map(|(mark, partner)| if matches!(mark, Mark::BlockOpen(_)) { *partner } else { None })
        .collect();
    for (open, before) in &brackets.closed_before {
        if let Some(slot) = ends.get_mut(*open)
            && matches!(marks.get(*open), Some(Mark::BlockOpen(_)))
        {
            *slot = Some((*before).min(tokens.len()) as u32);
        }
    }
    ends
}

/// The blocks, the inner before the outer.
pub(super) fn blocks(marks: &[Mark], ends: &[Option<u32>]) -> Vec<Block> {
    let mut list: Vec<Block> = marks
        .iter()
        .zip(ends)
        .enumerate()
        .filter_map(|(open, (mark, end))| match (mark, end) {
            (Mark::BlockOpen(parts), Some(end)) => Some(Block { open, end: *end as usize, parts: *parts }),
            _ => None,
        })
        .collect();
    list.sort_by_key(|b| (b.end, std::cmp::Reverse(b.open)));
    list
}

/// The pieces of a block.
pub(super) fn pieces(
    source: &str,
    tokens: &[Token],
    marks: &[Mark],
    brackets: &Brackets,
    ends: &[Option<u32>],
    block: Block,
) -> Vec<Piece> {
    let by_comma = matches!(block.parts, Parts::Arms | Parts::Branches | Parts::Fields | Parts::Expectations);
    let mut out = Vec::new();
    let mut from = None;
    let mut at = block.open + 1;
    // In a field's type, `<` is a bracket too.
    let mut angles = 0usize;
    while at < block.end {
        let Some(token) = tokens.get(at) else { break };
        let line_end = marks.get(at) == Some(&Mark::LineEnd);
        let punct = if token.kind == TokenKind::Punct { token.text(source) } else { "" };
        match punct {
            "<" if block.parts == Parts::Fields => angles += 1,
            ">" => angles = angles.saturating_sub(1),
            _ if line_end => angles = 0,
            _ => {}
        }
        let separates = line_end || (by_comma && angles == 0 && punct == ",");
        if separates {
            out.extend(from.take().map(|from| Piece { from, to: at }));
        } else if !token.is_trivia() {
            from.get_or_insert(at);
        }
        at = after(brackets, ends, at).min(block.end);
    }
    out.extend(from.map(|from| Piece { from, to: block.end }));
    out
}

/// The next token on the level of the one at `index`.
pub(super) fn after(brackets: &Brackets, ends: &[Option<u32>], index: usize) -> usize {
    let end = ends.get(index).copied().flatten();
    let partner = brackets.partner.get(index).copied().flatten();
    match end.or(partner).map(|i| i as usize) {
        Some(partner) if partner > index => partner.max(index + 1),
        _ => index + 1,
    }
}

/// What a piece of such a block is parsed as.
pub(super) fn rule_of(parts: Parts) -> Option<Rule> {
    Some(match parts {
        Parts::Stmts => Rule::stmt_only,
        Parts::Arms => Rule::arm_only,
        Parts::Branches => Rule::branch_only,
        Parts::Fields => Rule::field_only,
        Parts::Properties => Rule::property_only,
        Parts::KindLines => Rule::ck_line_only,
        Parts::Expectations => Rule::expectation_item_only,
        Parts::Whole => return None,
    })
}

/// The clauses of a flow's header: from a clause's keyword to the next.
pub(super) fn clauses(
    source: &str,
    tokens: &[Token],
    brackets: &Brackets,
    ends: &[Option<u32>],
    keyword: usize,
) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut from = None;
    let mut previous = "";
    let mut at = keyword + 1;
    while let Some(token) = tokens.get(at) {
        let next = after(brackets, ends, at);
        if token.is_trivia() {
            at = next;
            continue;
        }
        let text = token.text(source);
        let opens_body = token.kind == TokenKind::Open(Bracket::Brace) && previous != "else";
        if opens_body {
            break;
        }
        let word = token.kind == TokenKind::Word
            && is_clause(text)
            && !matches!(previous, "." | "?." | "by" | "," | "flow");
        if word && at > keyword + 1 {
            out.extend(from.take().map(|from| Piece { from, to: at }));
            from = Some(at);
        }
        previous = text;
        at = next;
    }
    out.extend(from.map(|from| Piece { from, to: at }));
    out
}

fn is_clause(word: &str) -> bool {
    matches!(
        word,
        "on" | "where"
            | "limit"
            | "debounce"
            | "dedupe"
            | "serial"
            | "timeout"
            | "priority"
            | "exclusive"
            | "observes"
            | "filter"
            | "cancellable"
    )
}
