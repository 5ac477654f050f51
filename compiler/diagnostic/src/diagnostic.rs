//! A message with its places, its help and, where there is one right thing to do, its repair.

use crate::{Code, FileId, Span, TextRange};
use serde::Serialize;

/// How bad it is. Only an error keeps a flow from being compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The flow does not compile.
    Error,
    /// It compiles; probably it is not what the author meant.
    Warning,
}

/// A place in the source with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What there is to say about the place; may be empty.
    pub text: String,
}

/// One replacement of source text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// A repair that a machine may apply: afterwards this diagnostic is gone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Fix {
    /// What it does, in the imperative: ``replace with `Severity` ``.
    pub title: String,
    /// The replacements; they do not overlap.
    pub edits: Vec<Edit>,
}

/// One mistake, told once. Messages are lower case, without a full stop, with user text in back-quotes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Diagnostic {
    /// The code, explained by `carapace explain`.
    pub code: Code,
    /// Error or warning; agrees with the code's first letter.
    pub severity: Severity,
    /// One line.
    pub message: String,
    /// Where the mistake is.
    pub primary: Label,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// The way out.
    pub help: Option<String>,
    /// The way out that a machine can take.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// An error or warning (by the code's first letter) at `span`.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        let severity = if code.0.starts_with('W') { Severity::Warning } else { Severity::Error };
        Diagnostic {
            code,
            severity,
            message: message.into(),
            primary: Label { span, text: String::new() },
            secondary: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// The same, with words at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.primary.text = text.into();
        self
    }

    /// The same, with one more place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// The same, with the way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// The same, with a repair of one replacement.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Diagnostic {
        self.fix = Some(Fix { title: title.into(), edits: vec![Edit { span, text: text.into() }] });
        self
    }

    /// Whether it keeps the flow from being compiled.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// A place in `file` by bytes, for callers that have offsets only.
    pub const fn at(file: FileId, start: u32, end: u32) -> Span {
        Span::new(file, TextRange::new(start, end))
    }
}
