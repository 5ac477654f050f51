//! Statements.

use super::{Await, Expr, Name, NodeId, TestStmt, TypeExpr};
use carapace_diagnostic::TextRange;

/// `{ … }`. Its value is that of its last statement, where that is an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The statements.
    pub stmts: Vec<Stmt>,
    /// Where, braces included.
    pub range: TextRange,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// Its number.
    pub id: NodeId,
    /// Where.
    pub range: TextRange,
    /// What.
    pub kind: StmtKind,
}

/// The forms of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// `let x: T = e`.
    Let {
        /// The name.
        name: Name,
        /// Its type, where written.
        ty: Option<TypeExpr>,
        /// Its value.
        value: Expr,
    },
    /// `var x: T = e`.
    Var {
        /// The name.
        name: Name,
        /// Its type, where written.
        ty: Option<TypeExpr>,
        /// Its first value.
        value: Expr,
    },
    /// `x = e`.
    Assign {
        /// The variable.
        name: Name,
        /// Its new value.
        value: Expr,
    },
    /// `set name = e`, `set name[key] = e`: the durable write.
    Set {
        /// The state; `module.name` for another module's.
        target: Expr,
        /// The key.
        key: Option<Expr>,
        /// The new value.
        value: Expr,
    },
    /// `while c { … }`.
    While {
        /// The condition.
        cond: Expr,
        /// The body.
        body: Block,
    },
    /// `repeat N { … }`.
    Repeat {
        /// How many times.
        count: Expr,
        /// The body.
        body: Block,
    },
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `return e`.
    Return(Option<Expr>),
    /// `listen TRIGGER … as NAME { … }`.
    Listen(Box<Listen>),
    /// An expression, `if`, `match`, `for` and every effect among them.
    Expr(Expr),
    /// `given`, `when`, `expect`, …: only in tests.
    Test(Box<TestStmt>),
    /// What did not parse.
    Error,
}

/// `listen TRIGGER … as NAME { … NAME.next() … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Listen {
    /// Which events, as in `await`.
    pub events: Await,
    /// The name of the buffer.
    pub name: Name,
    /// Where it may be used.
    pub body: Block,
}
