//! Expressions, the waiting ones included.

use super::{Block, Name, NodeId, Path, Pattern, TriggerRef, TypeExpr};
use carapace_diagnostic::TextRange;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Its number.
    pub id: NodeId,
    /// Where.
    pub range: TextRange,
    /// What.
    pub kind: ExprKind,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `42`, `20_000`. Out of the range of `Int` is told by the parser and stands here as 0.
    Int(i64),
    /// `3.5`, as written without underscores.
    Number(String),
    /// `true`, `false`.
    Bool(bool),
    /// `none`.
    None,
    /// `500ms`, `15m`, `3d`, in milliseconds.
    Duration(i64),
    /// `50 EUR`: amount as written without underscores, and currency.
    Money(String, String),
    /// `"…"`, `"""…"""`: escapes resolved, indentation stripped.
    Text(Vec<InterpolationPart>),
    /// `re"…"`, `url"…{id}"`: a tag directly before the quote. In `re` nothing is escaped or interpolated.
    Tagged {
        /// The tag.
        tag: Name,
        /// What stands between the quotes.
        parts: Vec<InterpolationPart>,
    },
    /// `[1, 2]`.
    List(Vec<Expr>),
    /// `["k": v]`; the empty map is `[:]`.
    Map(Vec<(Expr, Expr)>),
    /// `1..10`, both ends included.
    Range(Box<Expr>, Box<Expr>),
    /// `Triage { severity: high }`.
    Record {
        /// The type, upper case at the end.
        path: Path,
        /// The fields; `name` alone means `name: name`.
        fields: Vec<FieldInit>,
    },
    /// `name`. Also a tag, a type (before `.`), a module's alias.
    Name(Name),
    /// `_` in tests: matches anything.
    Any,
    /// `x.f`, `x?.f`.
    Field {
        /// What it is a field of.
        base: Box<Expr>,
        /// Whether written `?.`.
        optional: bool,
        /// The field; may be a keyword.
        name: Name,
    },
    /// `xs[i]`.
    Index {
        /// What is looked into.
        base: Box<Expr>,
        /// The key.
        index: Box<Expr>,
    },
    /// `f(x)`, `x.f(y)`, `ask<T>(…)`, `paid(amount: 3)`. A method call is a call whose callee is a field.
    Call {
        /// What is called.
        callee: Box<Expr>,
        /// Between `<` and `>`; only directly before `(`.
        type_args: Vec<TypeExpr>,
        /// Arguments.
        args: Vec<Arg>,
    },
    /// `x => …`, `(x, y) => …`: only as an argument.
    Lambda(Box<Lambda>),
    /// `-x`, `not x`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`, `a and b`, `a ?? b`.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// One comparison: `a == b`, `x between a and b`, `x is empty`, `x matches re"…" as found`.
    Cond {
        /// Left of the operator.
        subject: Box<Expr>,
        /// The operator and what stands right of it.
        op: CondOp,
        /// `ignoring case`.
        ignoring_case: bool,
    },
    /// `if`, as statement or value.
    If(Box<If>),
    /// `match`, as statement or value.
    Match(Box<Match>),
    /// `for`, as statement; with `parallel` also as value: the list of results.
    For(Box<For>),
    /// `parallel { a: f()  g() }`.
    Parallel(Vec<Branch>),
    /// `race { a: f()  b: g() }`.
    Race(Vec<Branch>),
    /// `do { … }`.
    Do(Block),
    /// `await support.message from owner where …`.
    Await(Box<Await>),
    /// `start f(x)`: the sub-flow as a run of its own.
    Start(Box<Expr>),
    /// An expression with one or more suffixes.
    Suffixed {
        /// What they belong to.
        base: Box<Expr>,
        /// They, in order.
        suffixes: Box<Suffixes>,
    },
    /// `(x)`, kept for the formatter.
    Paren(Box<Expr>),
    /// What did not parse.
    Error,
}

/// A piece of a text with interpolation.
#[derive(Debug, Clone, PartialEq)]
pub enum InterpolationPart {
    /// Literal characters, escapes resolved.
    Literal(String),
    /// `{expr}`.
    Expr(Expr),
}

/// `severity: high` in a record literal.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldInit {
    /// The field; may be a keyword.
    pub name: Name,
    /// Its value; absent for the short form `name`.
    pub value: Option<Expr>,
}

/// An argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// `to:`; may be a keyword.
    pub name: Option<Name>,
    /// Its value.
    pub value: Expr,
}

/// An anonymous function.
#[derive(Debug, Clone, PartialEq)]
pub struct Lambda {
    /// Parameters.
    pub params: Vec<Name>,
    /// An expression (`Do`-less blocks are `ExprKind::Do`).
    pub body: Expr,
}

/// Prefix operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-x`.
    Neg,
    /// `not x`.
    Not,
}

/// Infix operators other than comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `a ?? b`.
    Coalesce,
    /// `a * b`.
    Mul,
    /// `a / b`.
    Div,
    /// `a % b`.
    Rem,
    /// `a + b`.
    Add,
    /// `a - b`.
    Sub,
    /// `a and b`.
    And,
    /// `a or b`.
    Or,
}

/// The 18 conditions.
#[derive(Debug, Clone, PartialEq)]
pub enum CondOp {
    /// `==`.
    Eq(Box<Expr>),
    /// `!=`.
    Ne(Box<Expr>),
    /// `<`.
    Lt(Box<Expr>),
    /// `<=`.
    Le(Box<Expr>),
    /// `>`.
    Gt(Box<Expr>),
    /// `>=`.
    Ge(Box<Expr>),
    /// `contains`.
    Contains(Box<Expr>),
    /// `starts with`.
    StartsWith(Box<Expr>),
    /// `ends with`.
    EndsWith(Box<Expr>),
    /// `matches re"…"`, with `as found`.
    Matches(Box<Expr>, Option<Name>),
    /// `in`.
    In(Box<Expr>),
    /// `not in`.
    NotIn(Box<Expr>),
    /// `between a and b`, both included.
    Between(Box<Expr>, Box<Expr>),
    /// `is empty`.
    IsEmpty,
    /// `is not empty`.
    IsNotEmpty,
    /// `is none`.
    IsNone,
    /// `is some`.
    IsSome,
    /// `is TAG`; `Severity.high` too.
    IsTag(Path),
}

/// `if c { … } else if d { … } else { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct If {
    /// The condition.
    pub cond: Expr,
    /// When it holds.
    pub then: Block,
    /// When not: an `If` or a `Do` (block).
    pub otherwise: Option<Expr>,
}

/// `match x { p if g => e … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// What is looked at.
    pub subject: Expr,
    /// The cases.
    pub arms: Vec<MatchArm>,
}

/// One case.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchArm {
    /// Which values.
    pub pattern: Pattern,
    /// `if g`.
    pub guard: Option<Expr>,
    /// What then; a block is `ExprKind::Do`. A statement without a value (`return`) is a block of one.
    pub body: Expr,
    /// Where, from pattern to body.
    pub range: TextRange,
}

/// `for x in xs parallel 4 { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// The variable.
    pub var: Name,
    /// The list, map (pairs with `.key` and `.value`) or range.
    pub items: Expr,
    /// `parallel`, and how many at a time.
    pub parallel: Option<Option<Expr>>,
    /// What happens for each.
    pub body: Block,
}

/// A branch of `parallel` or `race`.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// `a:`.
    pub name: Option<Name>,
    /// What runs; a block is `ExprKind::Do`.
    pub body: Expr,
}

/// `await TRIGGER [from USER|anyone] [in CONVERSATION] [where it.…]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Await {
    /// Which events.
    pub trigger: TriggerRef,
    /// `from`; the name `anyone` takes everybody.
    pub from: Option<Expr>,
    /// `in`.
    pub within_conversation: Option<Expr>,
    /// `where`; the event is `it`.
    pub condition: Option<Expr>,
}

/// The suffix clauses, each at most once, in the order of this struct.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Suffixes {
    /// `retry N [backoff D..D]`.
    pub retry: Option<Retry>,
    /// `within D` or `until T`.
    pub within: Option<Within>,
    /// `undo { … }`.
    pub undo: Option<Undo>,
    /// `at most once`, `at least once`.
    pub delivery: Option<(Delivery, TextRange)>,
    /// `on unknown { … }`.
    pub on_unknown: Option<Block>,
    /// `else VALUE`, `else [e] { … }`.
    pub otherwise: Option<Else>,
    /// `as cooling`: a wait's label.
    pub label: Option<Name>,
}

/// `retry N [backoff D..D]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// How many *more* attempts.
    pub count: Expr,
    /// From and up to.
    pub backoff: Option<(Expr, Expr)>,
}

/// How long, in total.
#[derive(Debug, Clone, PartialEq)]
pub enum Within {
    /// `within D`.
    For(Expr),
    /// `until T`.
    Until(Expr),
}

/// `undo { … }`; the result of the call is in scope under the name of the `let` it belongs to, as an optional.
#[derive(Debug, Clone, PartialEq)]
pub struct Undo {
    /// What takes it back.
    pub body: Block,
}

/// Overrides the delivery class's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// `at most once`.
    AtMostOnce,
    /// `at least once`.
    AtLeastOnce,
}

/// What instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Else {
    /// `e` of `else e { … }`.
    pub error: Option<Name>,
    /// A primary, or a block as `ExprKind::Do`.
    pub value: Expr,
}
