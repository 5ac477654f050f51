//! The scanner: one loop, a stack of modes instead of recursion.

use super::{Bracket, LexProblem, LexProblemKind, Token, TokenKind, Tokens};

/// What the scanner is inside of.
#[derive(Debug, Clone, Copy)]
enum Mode {
    /// A text that began at `start`.
    Text { start: u32, block: bool, raw: bool },
    /// Braces in a text, with the number of further braces open inside.
    Interp { start: u32, braces: u32 },
}

/// Cuts `source` into tokens.
pub(crate) fn lex(source: &str) -> Tokens {
    let mut scanner = Scanner {
        source,
        bytes: source.as_bytes(),
        at: 0,
        modes: Vec::new(),
        out: Tokens { list: Vec::with_capacity(source.len() / 4), problems: Vec::new() },
    };
    scanner.run();
    scanner.out.problems.sort_by_key(|p| p.start);
    scanner.out
}

struct Scanner<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    modes: Vec<Mode>,
    out: Tokens,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some(byte) = self.peek(0) {
            match self.modes.last().copied() {
                Some(Mode::Text { block, raw, .. }) => self.text_piece(byte, block, raw),
                _ => self.code_piece(byte),
            }
        }
        while let Some(mode) = self.modes.pop() {
            self.abandon(mode);
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn rest_starts_with(&self, what: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    fn push(&mut self, kind: TokenKind, len: usize) {
        let start = self.at as u32;
        self.at = (self.at + len).min(self.bytes.len());
        self.out.list.push(Token { kind, start, end: self.at as u32 });
    }

    fn problem(&mut self, kind: LexProblemKind, start: u32, end: u32) {
        self.out.problems.push(LexProblem { kind, start, end });
    }

    fn run_length(&self, accept: impl Fn(u8) -> bool) -> usize {
        self.bytes.get(self.at..).map_or(0, |rest| rest.iter().take_while(|b| accept(**b)).count())
    }

    fn code_piece(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'\n' => self.newline(),
            b'"' => self.open_text(0),
            b'(' => self.push(TokenKind::Open(Bracket::Paren), 1),
            b')' => self.push(TokenKind::Close(Bracket::Paren), 1),
            b'[' => self.push(TokenKind::Open(Bracket::Square), 1),
            b']' => self.push(TokenKind::Close(Bracket::Square), 1),
            b'{' => self.open_brace(),
            b'}' => self.close_brace(),
            b'/' if self.peek(1) == Some(b'/') => self.comment(),
            b'0'..=b'9' => {
                let len = self.number_length();
                self.push(TokenKind::Number, len);
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let len = self.run_length(is_word);
                if self.peek(len) == Some(b'"') {
                    self.open_text(len)
                } else {
                    self.push(TokenKind::Word, len)
                }
            }
            _ => self.punct(byte),
        }
    }

    /// A line's end also ends what may not go over it: a text in single quotes and braces in a text.
    fn newline(&mut self) {
        while let Some(mode) = self.modes.last().copied() {
            if matches!(mode, Mode::Text { block: true, .. }) {
                break;
            }
            self.modes.pop();
            self.abandon(mode);
        }
        if self.modes.is_empty() {
            self.push(TokenKind::Newline, 1);
        }
    }

    /// Ends a mode that the source did not end. Only the innermost is told: one mistake, one message.
    fn abandon(&mut self, mode: Mode) {
        let here = self.at as u32;
        let told = |list: &[LexProblem], from: u32| {
            list.last().is_some_and(|p| p.start >= from && is_unclosed(p.kind))
        };
        match mode {
            Mode::Text { start, block, .. } => {
                if !told(&self.out.problems, start) {
                    let kind =
                        if block { LexProblemKind::UnclosedBlock } else { LexProblemKind::UnclosedText };
                    self.problem(kind, start, here);
                }
                self.push(TokenKind::TextClose, 0);
            }
            Mode::Interp { start, .. } => {
                if !told(&self.out.problems, start) {
                    self.problem(LexProblemKind::UnclosedInterpolation, start, here);
                }
                self.push(TokenKind::Close(Bracket::Interp), 0);
            }
        }
    }

    fn open_text(&mut self, tag: usize) {
        let raw = self.bytes.get(self.at..self.at + tag) == Some(b"re");
        let start = self.at as u32;
        let block = self.bytes.get(self.at + tag..).is_some_and(|rest| rest.starts_with(b"\"\"\""));
        let quote = if block { 3 } else { 1 };
        self.push(TokenKind::TextOpen, tag + quote);
        if block && !self.source.get(self.at..).is_some_and(|rest| rest.contains("\"\"\"")) {
            // Nothing closes it any more: it costs its own line, not the rest of the file.
            self.modes.push(Mode::Text { start, block: false, raw });
            self.problem(LexProblemKind::UnclosedBlock, start, start + (tag + quote) as u32);
        } else {
            self.modes.push(Mode::Text { start, block, raw });
        }
    }

    fn text_piece(&mut self, byte: u8, block: bool, raw: bool) {
        match byte {
            b'"' if block && !self.rest_starts_with("\"\"\"") => self.chunk(block, raw),
            b'"' => {
                self.modes.pop();
                self.push(TokenKind::TextClose, if block { 3 } else { 1 });
            }
            b'\n' if !block => self.newline(),
            b'{' if !raw => {
                self.modes.push(Mode::Interp { start: self.at as u32, braces: 0 });
                self.push(TokenKind::Open(Bracket::Interp), 1);
            }
            _ => self.chunk(block, raw),
        }
    }

    fn chunk(&mut self, block: bool, raw: bool) {
        let mut len = 0;
        while let Some(byte) = self.peek(len) {
            match byte {
                b'\\' if !raw && self.unicode_escape(len) > 0 => len += self.unicode_escape(len),
                b'\\' if !raw => {
                    len += if self.peek(len + 1).is_some_and(|b| b != b'\n') { 2 } else { 1 };
                    // An escape may stand before a letter of several bytes; all of them belong to the chunk.
                    while self.at + len < self.bytes.len() && !self.source.is_char_boundary(self.at + len) {
                        len += 1;
                    }
                }
                b'"' if !block => break,
                b'"' if self.bytes.get(self.at + len..).is_some_and(|rest| rest.starts_with(b"\"\"\"")) => {
                    break;
                }
                b'{' if !raw => break,
                b'\n' if !block => break,
                _ => len += 1,
            }
        }
        self.push(TokenKind::TextChunk, len.max(1));
    }

    /// The length of `\u{1F600}` at `ahead`, or 0.
    fn unicode_escape(&self, ahead: usize) -> usize {
        let rest = self.bytes.get(self.at + ahead..).unwrap_or_default();
        if !rest.starts_with(b"\\u{") {
            return 0;
        }
        let digits = rest.iter().skip(3).take(9).take_while(|b| b.is_ascii_hexdigit()).count();
        if rest.get(3 + digits) == Some(&b'}') { digits + 4 } else { 0 }
    }

    fn open_brace(&mut self) {
        if let Some(Mode::Interp { braces, .. }) = self.modes.last_mut() {
            *braces += 1;
        }
        self.push(TokenKind::Open(Bracket::Brace), 1);
    }

    fn close_brace(&mut self) {
        match self.modes.last_mut() {
            Some(Mode::Interp { braces: 0, .. }) => {
                self.modes.pop();
                self.push(TokenKind::Close(Bracket::Interp), 1);
                return;
            }
            Some(Mode::Interp { braces, .. }) => *braces -= 1,
            _ => {}
        }
        self.push(TokenKind::Close(Bracket::Brace), 1);
    }

    fn comment(&mut self) {
        let len = self.run_length(|b| b != b'\n');
        let trailing_return = self.bytes.get(self.at + len - 1) == Some(&b'\r');
        let doc = self.peek(2) == Some(b'/') && self.peek(3) != Some(b'/');
        let kind = if doc { TokenKind::Doc } else { TokenKind::Comment };
        self.push(kind, if trailing_return { len - 1 } else { len });
    }

    /// `20_000`, `3.5`, `15m`; in `1..10` the dots are not part of it.
    fn number_length(&self) -> usize {
        let mut len = self.run_length(is_word);
        let fraction = self.peek(len) == Some(b'.') && self.peek(len + 1).is_some_and(|b| b.is_ascii_digit());
        if fraction {
            len += 1;
            while self.peek(len).is_some_and(is_word) {
                len += 1;
            }
        }
        len
    }

    fn punct(&mut self, byte: u8) {
        const TWO: [&str; 10] = ["->", "=>", "==", "!=", "<=", ">=", "??", "?.", "..", "&&"];
        if TWO.iter().any(|p| self.rest_starts_with(p)) || self.rest_starts_with("||") {
            return self.push(TokenKind::Punct, 2);
        }
        match byte {
            b'=' | b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b'%' | b'.' | b',' | b':' | b'|' | b'@'
            | b'?' | b';' | b'!' | b'&' => self.push(TokenKind::Punct, 1),
            _ => {
                let len = self.source.get(self.at..).and_then(|s| s.chars().next()).map_or(1, char::len_utf8);
                let start = self.at as u32;
                self.push(TokenKind::Unknown, len);
                self.problem(LexProblemKind::UnknownCharacter, start, start + len as u32);
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_unclosed(kind: LexProblemKind) -> bool {
    kind != LexProblemKind::UnknownCharacter
}
