//! Checked expressions and statements.

use super::{EffectId, FlowId, FunctionRef, NativeId, SettingId, StateId};
use carapace_diagnostic::Span;
use carapace_module::signature::{Delivery, TriggerSpec};
use carapace_module::testing::TestOp;
use carapace_module::{Type, Value};
use std::sync::Arc;

/// Index into the locals of the function, flow or test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// A variable, parameter or bound name. Each is declared once; shadowing makes another local.
#[derive(Debug, Clone, PartialEq)]
pub struct Local {
    /// As written; empty for the compiler's own.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Whether it is a `var`.
    pub mutable: bool,
}

/// A checked expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Its type, without parameters of generic functions' callers (those are replaced).
    pub ty: Type,
    /// Where.
    pub span: Span,
    /// What.
    pub kind: ExprKind,
}

/// Arithmetic, checked: overflow and division by zero are faults of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arith {
    /// `+` of Int, Number, Duration, Money (same currency, else a fault), Text, List; Time + Duration, Date + days.
    Add,
    /// `-`; Time - Time gives Duration.
    Sub,
    /// `*`; Duration * Int, Money * Int, Money * Number too.
    Mul,
    /// `/`: of Int truncates toward zero; of Number rounds half to even at 18 digits.
    Div,
    /// `%`: the sign of the left side.
    Rem,
}

/// Comparisons of two values of one type. Text may ignore case (Unicode simple folding).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compare {
    /// `==`: any type; `T?` with `T` too.
    Eq,
    /// `!=`.
    Ne,
    /// `<`: Int, Number, Text (by code point), Time, Date, Duration, Money (same currency, else a fault).
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
}

/// Conditions on text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextOp {
    /// `contains`.
    Contains,
    /// `starts with`.
    StartsWith,
    /// `ends with`.
    EndsWith,
}

/// The forms. Both sides of an operation have the same type unless the form says otherwise; `Int` where `Number` is
/// wanted is spelled [`ExprKind::IntToNumber`].
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Const(Value),
    /// A local's value.
    Local(LocalId),
    /// A setting's value in the run's deployment.
    Setting(SettingId),
    /// Text of parts, each turned to text in the canonical form of its type (`Value::display`).
    Text(Vec<Part>),
    /// Tagged text: the parts go through the tag's native, one call with (literals: List<Text>, values: List<Text>).
    Template(NativeId, Vec<Part>),
    /// A list.
    List(Vec<Expr>),
    /// A map; a later equal key wins, in the first one's place.
    Map(Vec<(Expr, Expr)>),
    /// Integers from the first to the last, both included; empty where last < first.
    Range(Box<Expr>, Box<Expr>),
    /// A record: one expression a slot; evaluated in the given source order of slot numbers.
    Record(Vec<Expr>, Vec<u32>),
    /// A tag by number, with its fields.
    Tag(u32, Vec<Expr>),
    /// A slot of a record.
    Field(Box<Expr>, u32),
    /// `x?.f`, and any pure chain on an optional: none stays none, else the body with the local bound.
    OptionalChain {
        /// The optional.
        base: Box<Expr>,
        /// Its value in `body`.
        local: LocalId,
        /// What is made of it.
        body: Box<Expr>,
    },
    /// `xs[i]` of a list: none when outside. Negative is outside.
    ListIndex(Box<Expr>, Box<Expr>),
    /// `m[k]`: none when absent.
    MapIndex(Box<Expr>, Box<Expr>),
    /// `json["a"]`, `json[0]`: none when absent, null or not of that shape.
    JsonIndex(Box<Expr>, Box<Expr>),
    /// A pure function's call.
    Call(FunctionRef, Vec<Expr>),
    /// A native's call.
    CallNative(NativeId, Vec<Expr>),
    /// A function parameter's call.
    CallClosure(Box<Expr>, Vec<Expr>),
    /// `x => …`.
    Lambda(Box<Lambda>),
    /// A pure function as a value.
    FunctionValue(FunctionRef),
    /// `-x` of Int, Number, Duration, Money.
    Neg(Box<Expr>),
    /// `not x`.
    Not(Box<Expr>),
    /// Short-circuit `and`.
    And(Box<Expr>, Box<Expr>),
    /// Short-circuit `or`.
    Or(Box<Expr>, Box<Expr>),
    /// `a ?? b`, and `T? else VALUE`: the second only where the first is none.
    Coalesce(Box<Expr>, Box<Expr>),
    /// Arithmetic on values of the left side's type (see [`Arith`] for the mixed forms).
    Arith(Arith, Box<Expr>, Box<Expr>),
    /// Comparison.
    Compare {
        /// Which.
        op: Compare,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
        /// `ignoring case`.
        ignoring_case: bool,
    },
    /// `contains`, `starts with`, `ends with` of texts.
    TextTest {
        /// Which.
        op: TextOp,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
        /// `ignoring case`.
        ignoring_case: bool,
    },
    /// `x in xs`, `xs contains x` of lists (and ranges, without building them where both ends are written).
    In {
        /// The member.
        item: Box<Expr>,
        /// The list.
        list: Box<Expr>,
        /// `ignoring case`, of texts.
        ignoring_case: bool,
    },
    /// `m contains k` of maps.
    HasKey(Box<Expr>, Box<Expr>),
    /// `matches`: whether; the captures (an unnamed record of `Text?`) go into the local and are readable where it holds.
    Matches {
        /// The text.
        text: Box<Expr>,
        /// The regular expression.
        regex: Box<Expr>,
        /// `as found`: local, and the capture names in slot order.
        found: Option<(LocalId, Vec<Arc<str>>)>,
        /// `ignoring case`.
        ignoring_case: bool,
    },
    /// `is empty` of Text, Bytes, List, Map; a blank text is not empty.
    IsEmpty(Box<Expr>),
    /// `is none`.
    IsNone(Box<Expr>),
    /// `is TAG`.
    IsTag(Box<Expr>, u32),
    /// The given optional is known to be some, or the union to have the tag: no check at run time.
    Narrow(Box<Expr>),
    /// Int to Number.
    IntToNumber(Box<Expr>),
    /// Text to `Content` (a text alone).
    TextToContent(Box<Expr>),
    /// A pure conversion of a slot, `Room` or `User` value where its handle is needed: the slot's full name as Text.
    Slot(Arc<str>),
    /// `if`; without `otherwise`, of type Nothing.
    If(Box<Expr>, Block, Option<Block>),
    /// `match`, exhaustive.
    Match(Box<Expr>, Vec<Arm>),
    /// `{ … }` as a value.
    Block(Block),
    /// A state's value: of the key parts, or of the package.
    StateGet(StateId, Vec<Expr>),
    /// `now()`: recorded with the stretch.
    Now,
    /// `random()`: an Int, 0 or more, recorded with the stretch.
    Random,
    /// The run's own handle (`Run`).
    ThisRun,
    /// An effect's call, with its suffixes.
    Effect(Box<EffectCall>),
    /// A sub-flow's or tool's call in this run, with suffixes.
    CallFlow(FlowId, Vec<Expr>, Box<Suffixes>),
    /// `start f(x)`: gives a `Run`.
    Start(FlowId, Vec<Expr>),
    /// `await …`; gives the event's record.
    Await(Box<WaitFor>, Box<Suffixes>),
    /// `NAME.next()` of a `listen`.
    ListenNext(LocalId, Box<Suffixes>),
    /// `parallel`: a record of the named branches' results, in order.
    Parallel(Vec<Branch>, Box<Suffixes>),
    /// `race`: a union of the branches.
    Race(Vec<Branch>, Box<Suffixes>),
    /// `for x in xs parallel N { … }`: the list of results in input order.
    ForParallel {
        /// The variable, bound in the branch.
        var: LocalId,
        /// The list.
        items: Box<Expr>,
        /// How many at a time; none: all.
        limit: Option<Box<Expr>>,
        /// What runs for each; `captures` as in [`Branch`].
        body: Block,
        /// Locals of the outside that `body` reads.
        captures: Vec<LocalId>,
        /// Suffixes.
        suffixes: Box<Suffixes>,
    },
    /// `do { … }` with suffixes.
    Do(Block, Box<Suffixes>),
    /// `fail("…")`: of type Never.
    Fail(Box<Expr>),
    /// `cancel("…")`: of type Never.
    Cancel(Box<Expr>),
    /// `return e`: of type Never.
    Return(Option<Box<Expr>>),
    /// `break`: of type Never.
    Break,
    /// `continue`: of type Never.
    Continue,
    /// A mistake that was told.
    Error,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Characters.
    Literal(Arc<str>),
    /// A value of any type that can be shown.
    Value(Expr),
}

/// An anonymous function.
#[derive(Debug, Clone, PartialEq)]
pub struct Lambda {
    /// Its parameters.
    pub params: Vec<LocalId>,
    /// Locals of the outside that it reads (never a `var` that is assigned afterwards: their value now counts).
    pub captures: Vec<LocalId>,
    /// Its value.
    pub body: Expr,
}

/// A block: its own value is that of `value`, or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Statements.
    pub stmts: Vec<Stmt>,
    /// The last expression, where the block's value is used.
    pub value: Option<Box<Expr>>,
    /// Where.
    pub span: Span,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Stmt {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: StmtKind,
}

/// The forms of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum StmtKind {
    /// `let`, `var`.
    Let(LocalId, Expr),
    /// `x = e`.
    Assign(LocalId, Expr),
    /// `set state[keys] = e`.
    Set(StateId, Vec<Expr>, Expr),
    /// `for x in xs { … }`: list, or map (a record of key and value).
    For(LocalId, Expr, Block),
    /// `while`.
    While(Expr, Block),
    /// `repeat N`.
    Repeat(Expr, Block),
    /// `listen … as NAME { … }`: the local is the buffer's handle.
    Listen(LocalId, Box<WaitFor>, Block),
    /// An expression for its effect.
    Expr(Expr),
    /// A test statement.
    Test(TestStep),
}

/// A test statement: the request's arguments are evaluated in order.
#[derive(Debug, Clone, PartialEq)]
pub struct TestStep {
    /// What is asked.
    pub op: TestOp,
    /// Arguments.
    pub args: Vec<Expr>,
}

/// One case of a match.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Which values.
    pub pattern: Pattern,
    /// `if g`.
    pub guard: Option<Expr>,
    /// What then.
    pub body: Expr,
}

/// A checked pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: PatternKind,
}

/// The forms of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternKind {
    /// `_`.
    Rest,
    /// `let x`.
    Bind(LocalId),
    /// A tag by number, and patterns of some of its fields by slot.
    Tag(u32, Vec<(u32, Pattern)>),
    /// `none`.
    None,
    /// A value equal to this constant.
    Const(Value),
    /// Int between both, included.
    Range(i64, i64),
    /// Any of these.
    Or(Vec<Pattern>),
}

/// An effect's call.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectCall {
    /// Which.
    pub effect: EffectId,
    /// One expression a parameter, receiver first, defaults filled in.
    pub args: Vec<Expr>,
    /// The type that `ask<T>`, `extract<T>` want; the answer is checked against it.
    pub type_arg: Option<Type>,
    /// `at most once` and the like.
    pub delivery: Delivery,
    /// `as cooling`.
    pub label: Option<Arc<str>>,
    /// The rest of the suffixes.
    pub suffixes: Suffixes,
}

/// Suffixes, in the order in which they nest, innermost first: attempt (retry), within, undo, on unknown, else.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Suffixes {
    /// `retry`.
    pub retry: Option<Attempt>,
    /// `within`, `until`.
    pub within: Option<Within>,
    /// `undo`: what it reads from outside, the local that has the result as an optional (if it uses it), the body.
    pub undo: Option<Undo>,
    /// `on unknown`.
    pub on_unknown: Option<Block>,
    /// `else`: the error's local, the value.
    pub otherwise: Option<Binding>,
}

/// `undo { … }`.
pub(super) type Undo = Branch;

/// `else e { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// `e`.
    pub error: Option<LocalId>,
    /// The value instead.
    pub value: Box<Expr>,
}

/// `retry N backoff A..B`.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// How many more.
    pub count: Box<Expr>,
    /// From and up to; the engine's default (1 s to 5 min) without.
    pub backoff: Option<(Box<Expr>, Box<Expr>)>,
}

/// How long, in total.
#[derive(Debug, Clone, PartialEq)]
pub enum Within {
    /// `within D`.
    For(Box<Expr>),
    /// `until T`.
    Until(Box<Expr>),
}

/// What an `await` or `listen` waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitFor {
    /// Which events.
    pub trigger: TriggerSpec,
    /// Names and types of the event record's slots.
    pub fields: Vec<(Arc<str>, Type)>,
    /// Type of the event record.
    pub event: Type,
    /// `from`: a `User` (or its id); none: the run's sender. `anyone` is `Some(None)`.
    pub from: Option<Option<Box<Expr>>>,
    /// `in`: a conversation; none: the run's.
    pub conversation: Option<Box<Expr>>,
    /// `where`: pure; reads `it` and its captures.
    pub condition: Option<Box<Lambda>>,
}

/// A branch: becomes a task of its own. It may not assign anything from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// Its name; empty where it has none.
    pub name: Arc<str>,
    /// Locals of the outside that it reads.
    pub captures: Vec<LocalId>,
    /// The local that is bound when it starts (`undo`: the call's result as an optional).
    pub input: Option<LocalId>,
    /// What it does.
    pub body: Block,
}
