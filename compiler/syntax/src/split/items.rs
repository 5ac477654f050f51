//! Where one item ends and the next begins.

use super::brackets::SEARCH;
use crate::lex::{Bracket, Token, TokenKind};

/// The tokens of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice {
    /// The first token: of the doc comment, if there is one.
    pub(crate) first: usize,
    /// The token of the keyword.
    pub(crate) keyword: usize,
    /// The token after the last.
    pub(crate) end: usize,
    /// Whether it begins like an item.
    pub(crate) is_item: bool,
}

/// Cuts a file's tokens into items. What stands between two slices is trivia. An item begins where a keyword begins a
/// line outside of all brackets, or in the first column inside of some: then a bracket above was not closed.
pub(crate) fn split(source: &str, tokens: &[Token]) -> Vec<Slice> {
    let mut slices: Vec<Slice> = Vec::new();
    let mut stack: Vec<Bracket> = Vec::new();
    let mut line = Line { start: 0, fresh: true };
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Newline => {
                line = Line { start: token.end, fresh: true };
                continue;
            }
            TokenKind::Comment | TokenKind::Doc => continue,
            _ => {}
        }
        let at_line_start = std::mem::take(&mut line.fresh);
        let resync = !stack.is_empty() && token.start == line.start;
        let begins = at_line_start
            && (stack.is_empty() || resync)
            && token.kind == TokenKind::Word
            && begins_item(source, tokens, index, resync);
        if begins {
            stack.clear();
        }
        if begins || slices.is_empty() {
            close_last(&mut slices, tokens, index);
            let first = docs_before(tokens, index);
            slices.push(Slice { first, keyword: index, end: index + 1, is_item: begins });
        }
        track(&mut stack, token.kind);
    }
    close_last(&mut slices, tokens, tokens.len());
    slices
}

struct Line {
    start: u32,
    fresh: bool,
}

/// The last slice ends before the trivia that stands before token `next`.
fn close_last(slices: &mut [Slice], tokens: &[Token], next: usize) {
    let Some(last) = slices.last_mut() else { return };
    let body = tokens.get(last.keyword..next).unwrap_or_default();
    let length = body.iter().rposition(|t| !t.is_trivia()).map_or(0, |i| i + 1);
    last.end = last.keyword + length;
}

fn track(stack: &mut Vec<Bracket>, kind: TokenKind) {
    match kind {
        TokenKind::Open(bracket) => stack.push(bracket),
        TokenKind::Close(bracket) => {
            // A bracket is looked for in its neighbourhood only: junk must not cost more than its length.
            let stops = |b: &Bracket| *b == bracket || (bracket != Bracket::Brace && *b == Bracket::Brace);
            let found = stack.iter().rev().take(SEARCH).position(stops);
            if let Some(above) = found
                && stack.iter().rev().nth(above) == Some(&bracket)
            {
                stack.truncate(stack.len() - above - 1);
            }
        }
        _ => {}
    }
}

/// The doc comment directly above token `index`, comments in between allowed, blank lines not.
fn docs_before(tokens: &[Token], index: usize) -> usize {
    let mut first = index;
    let mut at = index;
    let mut newlines = 0;
    while let Some(previous) = at.checked_sub(1) {
        match tokens.get(previous).map(|t| t.kind) {
            Some(TokenKind::Newline) if newlines == 0 => newlines = 1,
            Some(TokenKind::Doc) if newlines == 1 && begins_line(tokens, previous) => {
                first = previous;
                newlines = 0;
            }
            Some(TokenKind::Comment) if newlines == 1 && begins_line(tokens, previous) => newlines = 0,
            _ => break,
        }
        at = previous;
    }
    first
}

fn begins_line(tokens: &[Token], index: usize) -> bool {
    index.checked_sub(1).and_then(|i| tokens.get(i)).is_none_or(|t| t.kind == TokenKind::Newline)
}

/// Whether the word at `index` begins an item. In doubt (`strict`: brackets are open) the word after it must fit too.
fn begins_item(source: &str, tokens: &[Token], index: usize, strict: bool) -> bool {
    let text_at = |i: usize| tokens.get(i).map_or("", |t| t.text(source));
    let kind_at = |i: usize| tokens.get(i).map(|t| t.kind);
    let is_word = |i: usize| kind_at(i) == Some(TokenKind::Word);
    let (next, after) = (index + 1, text_at(index + 2));
    let keyword = text_at(index);
    if !strict {
        return is_item_keyword(keyword) && !matches!(text_at(next), "=" | "." | "(" | "[" | ":" | "?.");
    }
    match keyword {
        "channel" => is_word(next) && (after == ":" || text_at(next) == "kind"),
        "room" | "connection" | "setting" | "state" => is_word(next) && after == ":",
        "use" | "flow" | "tag" => is_word(next) && !matches!(after, "=" | "."),
        "const" => is_word(next) && matches!(after, "=" | ":"),
        "group" => {
            is_word(next)
                && matches!(kind_at(index + 2), None | Some(TokenKind::Newline | TokenKind::Comment))
        }
        "type" => text_at(next).starts_with(|c: char| c.is_ascii_uppercase()),
        "fn" | "tool" => is_word(next) && matches!(after, "(" | "<"),
        "agent" => is_word(next) && after == "{",
        "test" => kind_at(next) == Some(TokenKind::TextOpen),
        "effect" => is_word(next) && after == "@",
        "trigger" => is_word(next) && matches!(after, "on" | "(" | "{"),
        "extern" => matches!(text_at(next), "fn" | "type"),
        _ => false,
    }
}

/// The words that begin an item.
pub(crate) fn is_item_keyword(word: &str) -> bool {
    matches!(
        word,
        "use"
            | "channel"
            | "room"
            | "group"
            | "connection"
            | "setting"
            | "type"
            | "const"
            | "fn"
            | "state"
            | "agent"
            | "tool"
            | "flow"
            | "test"
            | "effect"
            | "trigger"
            | "tag"
            | "extern"
    )
}
