//! Types as written.

use super::{NodeId, Path};
use carapace_diagnostic::TextRange;

/// A type as written.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeExpr {
    /// Its number.
    pub id: NodeId,
    /// Where.
    pub range: TextRange,
    /// What.
    pub kind: TypeExprKind,
}

/// The forms of a type.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeExprKind {
    /// `Int`, `orders.Order`, `List<Text>`, `Map<Text, Int>`.
    Named {
        /// The name, with its module's alias in front where there is one.
        path: Path,
        /// What stands between `<` and `>`.
        args: Vec<TypeExpr>,
    },
    /// `T?`.
    Optional(Box<TypeExpr>),
    /// `fn(Int, Text) -> Bool`: only of parameters of pure functions.
    Fn {
        /// Parameter types.
        params: Vec<TypeExpr>,
        /// Result type.
        result: Box<TypeExpr>,
    },
    /// What did not parse.
    Error,
}
