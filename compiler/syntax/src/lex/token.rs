//! What the source is made of.

/// The kinds of brackets. `Interp` is the pair of braces inside a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bracket {
    /// `(` and `)`.
    Paren,
    /// `[` and `]`.
    Square,
    /// `{` and `}`.
    Brace,
    /// `{` and `}` inside a text.
    Interp,
}

impl Bracket {
    /// The bracket as written.
    pub(crate) fn open(self) -> &'static str {
        match self {
            Bracket::Paren => "(",
            Bracket::Square => "[",
            Bracket::Brace | Bracket::Interp => "{",
        }
    }

    /// Its other half.
    pub(crate) fn close(self) -> &'static str {
        match self {
            Bracket::Paren => ")",
            Bracket::Square => "]",
            Bracket::Brace | Bracket::Interp => "}",
        }
    }
}

/// The kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or keyword.
    Word,
    /// Digits and what is glued to them.
    Number,
    /// An operator or separator.
    Punct,
    /// A bracket that opens.
    Open(Bracket),
    /// A bracket that closes.
    Close(Bracket),
    /// The opening quote, its tag included.
    TextOpen,
    /// Characters of a text, escapes included.
    TextChunk,
    /// The closing quote; empty where it is missing.
    TextClose,
    /// The end of a line.
    Newline,
    /// `// …`
    Comment,
    /// `/// …`
    Doc,
    /// A character that means nothing here.
    Unknown,
}

/// A token; its text is the source between the two offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its first byte.
    pub start: u32,
    /// The byte behind its last.
    pub end: u32,
}

impl Token {
    /// The characters of the token.
    pub fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The same token, counted from byte `start` on.
    pub(crate) fn back(self, start: u32) -> Token {
        Token {
            kind: self.kind,
            start: self.start.saturating_sub(start),
            end: self.end.saturating_sub(start),
        }
    }

    /// Whether the grammar never sees it.
    pub(crate) fn is_trivia(self) -> bool {
        matches!(self.kind, TokenKind::Newline | TokenKind::Comment | TokenKind::Doc)
    }
}

/// What is wrong with the characters themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LexProblemKind {
    /// A `"` without its partner on the same line.
    UnclosedText,
    /// A `"""` without its partner.
    UnclosedBlock,
    /// A `{` in a text without its partner on the same line.
    UnclosedInterpolation,
    /// A character that means nothing here.
    UnknownCharacter,
}

/// One such mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LexProblem {
    pub(crate) kind: LexProblemKind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl LexProblem {
    /// The same problem, counted from byte `start` on.
    pub(crate) fn back(self, start: u32) -> LexProblem {
        LexProblem {
            kind: self.kind,
            start: self.start.saturating_sub(start),
            end: self.end.saturating_sub(start),
        }
    }
}

/// A file, cut into tokens.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    pub(crate) list: Vec<Token>,
    /// By start.
    pub(crate) problems: Vec<LexProblem>,
}
