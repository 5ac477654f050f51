//! Where the cursor stands, as far as the tokens before it say.

use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::ast::Placed;
use carapace_syntax::{Bracket, Token, TokenKind};

/// Words that begin an item.
pub(super) const ITEMS: [&str; 18] = [
    "agent",
    "channel",
    "connection",
    "const",
    "effect",
    "extern",
    "flow",
    "fn",
    "group",
    "room",
    "setting",
    "state",
    "tag",
    "test",
    "tool",
    "trigger",
    "type",
    "use",
];

/// What surrounds the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Region {
    /// Where an item may begin.
    Top,
    /// In an item, before its braces; the word is the item's.
    Header(&'static str),
    /// In the braces or parentheses of one.
    Inside(&'static str),
    /// Behind the braces of one, on the same line.
    Behind(&'static str),
}

/// What kind of text the cursor is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a comment: nothing is proposed.
    Comment,
    /// Between quotes.
    Text,
    /// Behind digits.
    Number,
    /// Anywhere else.
    Code,
}

/// The cursor, and the tokens before what is being written.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    /// Where what is being written begins.
    pub(super) start: u32,
    pub(super) offset: u32,
    pub(super) place: Place,
    /// Whether nothing stands before it on its line.
    pub(super) fresh: bool,
    /// Whether it stands in the first column, where an item begins even if something above is not closed.
    pub(super) margin: bool,
    pub(super) region: Region,
    /// Without comments and ends of lines.
    pub(super) before: Vec<Token>,
}

impl<'t> Cursor<'t> {
    /// The cursor at a byte of a file.
    pub(super) fn of(snapshot: &'t Snapshot, file: FileId, offset: u32) -> Cursor<'t> {
        let items = snapshot.tree(file).map_or(&[][..], |tree| &tree.items);
        Cursor::at(snapshot.text(file), items, offset)
    }

    /// The same of a text with these items.
    fn at(text: &'t str, items: &[Placed], offset: u32) -> Cursor<'t> {
        let tokens = tokens_around(text, items, offset);
        let count = tokens.iter().take_while(|t| t.start < offset).count();
        let upto = tokens.get(..count).unwrap_or_default();
        let last = upto.last().copied();
        let place = place(last, offset);
        let written = last.filter(|t| offset <= t.end && t.kind == TokenKind::Word);
        let number = last.filter(|t| offset <= t.end && t.kind == TokenKind::Number);
        let start = match (written.or(number), place) {
            (Some(token), Place::Code | Place::Number) => token.start,
            _ => offset,
        };
        let upto: Vec<Token> = upto.iter().copied().filter(|t| t.start < start).collect();
        let fresh =
            upto.iter().rfind(|t| t.kind != TokenKind::Comment).is_none_or(|t| t.kind == TokenKind::Newline);
        let line = text.get(..start as usize).unwrap_or_default();
        let margin = fresh && (line.is_empty() || line.ends_with('\n'));
        let region = region(text, &upto, fresh, margin);
        let blank = |t: &Token| matches!(t.kind, TokenKind::Newline | TokenKind::Comment | TokenKind::Doc);
        let before = upto.into_iter().filter(|t| !blank(t)).collect();
        Cursor { text, start, offset, place, fresh, margin, region, before }
    }

    /// What is replaced by a proposal.
    pub(super) fn replace(&self) -> TextRange {
        TextRange::new(self.start, self.offset)
    }

    /// What is being written.
    pub(super) fn prefix(&self) -> &'t str {
        self.text.get(self.start as usize..self.offset as usize).unwrap_or_default()
    }

    /// Whether an editor shows a proposal of this name for what is being written.
    pub(super) fn may_be(&self, name: &str) -> bool {
        super::order::holds(name, self.prefix())
    }

    /// The token before what is being written; 0 is the last.
    pub(super) fn back(&self, by: usize) -> &'t str {
        let at = self.before.len().checked_sub(by.saturating_add(1));
        at.and_then(|at| self.before.get(at)).map_or("", |token| token.text(self.text))
    }

    /// Whether a dot stands before.
    pub(super) fn behind_dot(&self) -> bool {
        matches!(self.back(0), "." | "?.")
    }

    /// Whether a parenthesis follows already.
    pub(super) fn called(&self) -> bool {
        let rest = self.text.get(self.offset as usize..).unwrap_or_default();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        rest.trim_start_matches(word).starts_with('(')
    }
}

/// The tokens of the item at a place, and of what stands between it and the next one: nothing before an item matters to it.
fn tokens_around(text: &str, items: &[Placed], offset: u32) -> Vec<Token> {
    let written = text.get(..offset as usize).unwrap_or_default();
    let word = written.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
    // A word that is being written belongs to what stands before it, until it begins an item.
    let next = items.partition_point(|placed| (placed.offset as usize) < word.len());
    let from = next.checked_sub(1).and_then(|at| items.get(at)).map_or(0, |placed| placed.offset);
    let until = items.get(next.saturating_add(1)).map_or(text.len(), |placed| placed.offset as usize);
    let own = carapace_syntax::tokens(text.get(from as usize..until).unwrap_or_default());
    let placed = |at: u32| at.saturating_add(from);
    own.into_iter().map(|t| Token { start: placed(t.start), end: placed(t.end), ..t }).collect()
}

fn place(last: Option<Token>, offset: u32) -> Place {
    let Some(last) = last else { return Place::Code };
    let inside = offset <= last.end;
    match last.kind {
        TokenKind::Comment | TokenKind::Doc if inside => Place::Comment,
        TokenKind::TextOpen | TokenKind::Close(Bracket::Interp) => Place::Text,
        TokenKind::TextChunk => Place::Text,
        TokenKind::Number if inside => Place::Number,
        _ => Place::Code,
    }
}

fn region(text: &str, tokens: &[Token], fresh: bool, margin: bool) -> Region {
    let mut item = None;
    let (mut depth, mut body) = (0_usize, false);
    let mut line_start = 0;
    let mut first = true;
    for token in tokens {
        if token.kind == TokenKind::Newline {
            line_start = token.end;
            first = true;
            continue;
        }
        let begins = first && (depth == 0 || token.start == line_start) && token.kind == TokenKind::Word;
        let known = ITEMS.iter().find(|word| begins && **word == token.text(text)).copied();
        // A line of a test or header may begin with such a word too, but never in the first column.
        if let Some(word) = known.filter(|_| token.start == line_start || item.is_none()) {
            item = Some(word);
            depth = 0;
            body = false;
        }
        first = false;
        match token.kind {
            TokenKind::Open(bracket) => {
                body |= depth == 0 && bracket == Bracket::Brace;
                depth = depth.saturating_add(1);
            }
            TokenKind::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    match item {
        None => Region::Top,
        Some(item) if depth > 0 => Region::Inside(item),
        Some(_) if margin => Region::Top,
        Some(item) if body && !fresh => Region::Behind(item),
        Some(_) if body => Region::Top,
        Some(item) => Region::Header(item),
    }
}
