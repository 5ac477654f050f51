//! What each token of an item is to the grammar: which line ends count, which braces are records, blocks, arms.

use super::Brackets;
use crate::lex::{Bracket, Token, TokenKind};

/// What a block is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Parts {
    Stmts,
    Arms,
    Branches,
    Fields,
    Properties,
    KindLines,
    Expectations,
    /// Braces that are looked at as a whole.
    Whole,
}

/// What a token is to the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Passed on as it is.
    Keep,
    /// Not passed on.
    Blank,
    /// A line's end that ends a statement, field, arm, …
    LineEnd,
    /// The braces of a record literal.
    RecordOpen,
    RecordClose,
    /// The braces of anything else.
    BlockOpen(Parts),
    BlockClose,
}

/// The marks of an item's tokens.
pub(crate) fn shape(source: &str, tokens: &[Token], keyword: usize, brackets: &Brackets) -> Vec<Mark> {
    let mut walker = Walker {
        source,
        tokens,
        brackets,
        keyword,
        marks: Vec::with_capacity(tokens.len()),
        frames: vec![Frame::ground()],
        previous: None,
    };
    for index in 0..tokens.len() {
        let mark = walker.mark(index);
        walker.marks.push(mark);
        if tokens.get(index).is_some_and(|t| !t.is_trivia()) {
            walker.previous = Some(index);
        }
    }
    walker.marks
}

/// A level of brackets.
struct Frame {
    /// The token that opened it.
    token: usize,
    /// None outside of all brackets.
    bracket: Option<Bracket>,
    /// The mark of the partner.
    close: Mark,
    /// A word such as `if` or `match` whose block is still to come.
    head: Option<Head>,
    /// Whether a `=` stood on this level: only behind it can an item's top level hold a record.
    assigned: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    Match,
    Other,
}

impl Frame {
    fn ground() -> Frame {
        Frame { token: usize::MAX, bracket: None, close: Mark::Keep, head: None, assigned: false }
    }
}

struct Walker<'a> {
    source: &'a str,
    tokens: &'a [Token],
    brackets: &'a Brackets,
    keyword: usize,
    marks: Vec<Mark>,
    frames: Vec<Frame>,
    previous: Option<usize>,
}

impl<'a> Walker<'a> {
    fn text(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |t| t.text(self.source))
    }

    fn previous_text(&self) -> &'a str {
        self.previous.map_or("", |i| self.text(i))
    }

    fn mark(&mut self, index: usize) -> Mark {
        let Some(token) = self.tokens.get(index).copied() else { return Mark::Blank };
        let paired = self.brackets.partner.get(index).copied().flatten();
        let virtual_close = matches!(token.kind, TokenKind::Open(Bracket::Brace)) && paired.is_none();
        match token.kind {
            TokenKind::Comment | TokenKind::Doc => Mark::Blank,
            TokenKind::Newline => self.newline(index),
            TokenKind::Open(bracket) if paired.is_some() || virtual_close => self.open(bracket, index),
            TokenKind::Close(bracket) => match paired {
                Some(open) => self.close(open as usize),
                None if bracket == Bracket::Brace => Mark::Blank,
                None => Mark::Keep,
            },
            TokenKind::Word => {
                self.word(index);
                Mark::Keep
            }
            TokenKind::Punct => {
                self.punct(index);
                Mark::Keep
            }
            _ => Mark::Keep,
        }
    }

    fn newline(&mut self, index: usize) -> Mark {
        let Some(frame) = self.frames.last_mut() else { return Mark::Blank };
        if frame.bracket != Some(Bracket::Brace) {
            return Mark::Blank;
        }
        // Of a run of line ends only the last counts: it is the one that a token follows.
        let rest = self.tokens.get(index + 1..).unwrap_or_default();
        let next = match rest.iter().position(|t| t.kind == TokenKind::Newline || !t.is_trivia()) {
            Some(ahead) if rest.get(ahead).is_some_and(|t| !t.is_trivia()) => index + 1 + ahead,
            _ => return Mark::Blank,
        };
        if self.continues(next) {
            return Mark::Blank;
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.head = None;
        }
        Mark::LineEnd
    }

    /// Whether the token at `next`, the first of its line, goes on with what stands above.
    fn continues(&self, next: usize) -> bool {
        let after = self.text(next + 1);
        match self.text(next) {
            "." | "?." | "{" => true,
            "else" => after != "=",
            "at" => matches!(after, "most" | "least"),
            "on" => after == "unknown",
            "undo" => after == "{",
            "retry" | "within" | "until" | "as" => {
                !matches!(after, "=" | "." | "?." | "(" | "[" | ":" | "," | "=>" | "")
                    && self.tokens.get(next + 1).is_some_and(|t| t.kind != TokenKind::Newline)
            }
            _ => false,
        }
    }

    fn open(&mut self, bracket: Bracket, token: usize) -> Mark {
        let (mark, close) = if bracket == Bracket::Brace { self.brace() } else { (Mark::Keep, Mark::Keep) };
        if matches!(mark, Mark::BlockOpen(_))
            && let Some(frame) = self.frames.last_mut()
        {
            frame.head = None;
        }
        self.frames.push(Frame { token, bracket: Some(bracket), close, head: None, assigned: false });
        mark
    }

    fn brace(&self) -> (Mark, Mark) {
        let (head, ground, assigned) =
            self.frames.last().map_or((None, true, false), |f| (f.head, f.bracket.is_none(), f.assigned));
        let upper = self.previous_text().starts_with(|c: char| c.is_ascii_uppercase())
            && self.previous.and_then(|i| self.tokens.get(i)).is_some_and(|t| t.kind == TokenKind::Word);
        if upper && head.is_none() && (!ground || assigned) {
            return (Mark::RecordOpen, Mark::RecordClose);
        }
        let parts = match self.previous_text() {
            _ if head == Some(Head::Match) => Parts::Arms,
            _ if head.is_some() => Parts::Stmts,
            "parallel" | "race" => Parts::Branches,
            "order" => Parts::Expectations,
            ":" if self.frames.len() > 1 && self.text(self.keyword) == "agent" => Parts::Whole,
            _ if ground => self.item_parts(),
            _ => Parts::Stmts,
        };
        (Mark::BlockOpen(parts), Mark::BlockClose)
    }

    fn item_parts(&self) -> Parts {
        match self.text(self.keyword) {
            "type" | "trigger" | "extern" => Parts::Fields,
            "agent" => Parts::Properties,
            "channel" => Parts::KindLines,
            _ => Parts::Stmts,
        }
    }

    /// Frames of brackets that are closed only virtually end with the first around them that is closed really.
    fn close(&mut self, open: usize) -> Mark {
        while self.frames.len() > 1 {
            let Some(frame) = self.frames.pop() else { break };
            if frame.token == open {
                return frame.close;
            }
        }
        Mark::Keep
    }

    fn word(&mut self, index: usize) {
        let head = match self.text(index) {
            "match" => Head::Match,
            "if" | "for" | "while" | "repeat" | "listen" => Head::Other,
            _ => return,
        };
        let member = matches!(self.previous_text(), "." | "?.");
        if member || matches!(self.text(index + 1), ":" | "=" | ",") {
            return;
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.head = Some(head);
        }
    }

    fn punct(&mut self, index: usize) {
        let text = self.text(index);
        let Some(frame) = self.frames.last_mut() else { return };
        match text {
            "," | "=>" | ";" => frame.head = None,
            "=" => frame.assigned = true,
            _ => {}
        }
    }
}
