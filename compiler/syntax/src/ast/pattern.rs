//! Patterns of `match`.

use super::{Expr, Name, NodeId, Path};
use carapace_diagnostic::TextRange;

/// A pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Its number.
    pub id: NodeId,
    /// Where.
    pub range: TextRange,
    /// What.
    pub kind: PatternKind,
}

/// The forms of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternKind {
    /// `_`.
    Rest,
    /// `let x`.
    Bind(Name),
    /// `high`, `Severity.high`, `paid(amount: let a)`, `paid(let a)`.
    Tag {
        /// The tag, qualified by its type or not.
        path: Path,
        /// Patterns of its fields; by position where the name is absent.
        fields: Vec<FieldPattern>,
    },
    /// `none`.
    None,
    /// A literal: number, text, `true`, duration, range `1..10`.
    Literal(Expr),
    /// `low | high`.
    Or(Vec<Pattern>),
    /// What did not parse.
    Error,
}

/// One field of a tag's pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldPattern {
    /// `amount:`, or none for the position.
    pub name: Option<Name>,
    /// The pattern of its value.
    pub pattern: Pattern,
}
