//! A package, closed: everything its flows reach, the library's modules included.

use super::{Block, Expr, Local, LocalId};
use carapace_diagnostic::Span;
use carapace_module::Type;
use carapace_module::TypeTable;
use carapace_module::signature::{AgentSignature, Busy, Capabilities, EffectSignature, Slot, Trigger};
use std::sync::Arc;

/// Index into [`Program::functions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionRef(pub u32);
/// Index into [`Program::flows`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowId(pub u32);
/// Index into [`Program::effects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EffectId(pub u32);
/// Index into [`Program::natives`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NativeId(pub u32);
/// Index into [`Program::states`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateId(pub u32);
/// Index into [`Program::settings`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SettingId(pub u32);

/// A checked package.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Program {
    /// The package's name: its own, or the root module's path (`main`) where it has none.
    pub package: Arc<str>,
    /// All types.
    pub types: TypeTable,
    /// Pure functions, reachable ones only; constants are functions without parameters.
    pub functions: Vec<Function>,
    /// Flows, sub-flows and tools.
    pub flows: Vec<Flow>,
    /// Effects that something calls.
    pub effects: Vec<Effect>,
    /// `extern fn`s that something calls.
    pub natives: Vec<Native>,
    /// Durable state.
    pub states: Vec<State>,
    /// Settings.
    pub settings: Vec<Setting>,
    /// Channels, rooms, groups and connections.
    pub slots: Vec<Slot>,
    /// Agents.
    pub agents: Vec<Agent>,
    /// Tests of the package's own modules.
    pub tests: Vec<Test>,
    /// What each flow may touch.
    pub capabilities: Vec<Capabilities>,
    /// Each `trust` that a flow reaches, in the order of the flows and of the source.
    pub trusts: Vec<Trust>,
    /// The paths of the files, by `FileId`, for the debug tables.
    pub files: Vec<Arc<str>>,
}

/// A `trust(…, because: "…")`.
#[derive(Debug, Clone, PartialEq)]
pub struct Trust {
    /// The flow that reaches it.
    pub flow: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// A pure function: may call pure functions only. Total within fuel.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// `std/list.map`.
    pub name: Arc<str>,
    /// Its parameters, which are the first locals.
    pub params: Vec<LocalId>,
    /// All locals of its body, lambdas' included.
    pub locals: Vec<Local>,
    /// What it does; its value is the block's.
    pub body: Block,
    /// Result type.
    pub result: Type,
    /// Where.
    pub span: Span,
}

/// `limit 5 per 1m by sender else { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// How many.
    pub count: i64,
    /// In how many milliseconds; without, at the same time.
    pub per: Option<i64>,
    /// The parts of the key that is counted by.
    pub key: Vec<Expr>,
    /// What is done instead.
    pub otherwise: Option<Block>,
}

/// A flow, sub-flow or tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// `main.front_desk`.
    pub name: Arc<str>,
    /// Doc comment.
    pub docs: Option<Arc<str>>,
    /// Whether it is a `tool`.
    pub tool: bool,
    /// Triggers, with the fields of the event record in slot order. Empty: a sub-flow or tool.
    pub triggers: Vec<Trigger>,
    /// Of a flow with triggers: the record type of the event, whose slots `event_locals` name.
    pub event: Option<Type>,
    /// Parameters (sub-flow, tool); or the event's fields as locals, in slot order. `body`, guard, keys, failure and
    /// cancel blocks each see these and nothing of each other.
    pub params: Vec<LocalId>,
    /// All locals of body, header and handlers.
    pub locals: Vec<Local>,
    /// Result type.
    pub result: Type,
    /// What it does.
    pub body: Block,
    /// `where`.
    pub guard: Option<Expr>,
    /// Whether the guard reads `state`.
    pub guard_reads_state: bool,
    /// `limit`, each.
    pub limits: Vec<Limit>,
    /// `debounce`: milliseconds and key parts.
    pub debounce: Option<(i64, Vec<Expr>)>,
    /// `dedupe`: key and milliseconds.
    pub dedupe: Option<(Expr, i64)>,
    /// `serial`: lane's full name, key parts, when busy.
    pub serial: Option<(Arc<str>, Vec<Expr>, Busy)>,
    /// `timeout`, milliseconds.
    pub timeout: Option<i64>,
    /// `priority`.
    pub priority: i64,
    /// `exclusive`.
    pub exclusive: bool,
    /// `observes`.
    pub observes: bool,
    /// `filter`; its body's value is a Bool: whether the event passes. (`pass` and `drop` are library constants.)
    pub filter: bool,
    /// `cancellable by`, lower case.
    pub cancellable: Vec<Arc<str>>,
    /// `on failure e { … }`: the error's local, and what is done.
    pub on_failure: Option<(Option<LocalId>, Block)>,
    /// `on cancel { … }`.
    pub on_cancel: Option<Block>,
    /// Where.
    pub span: Span,
}

/// An effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// How the module refers to it.
    pub signature: EffectSignature,
    /// The flow of the library that does it, where nobody outside does.
    pub by: Option<FlowId>,
}

/// An `extern fn`.
#[derive(Debug, Clone, PartialEq)]
pub struct Native {
    /// `text.upper`.
    pub name: Arc<str>,
    /// The version after `@`.
    pub version: u32,
    /// Parameter types.
    pub params: Vec<Type>,
    /// Result type.
    pub result: Type,
}

/// Durable state.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// `main.score`.
    pub name: Arc<str>,
    /// Type of a value.
    pub ty: Type,
    /// Types of the key parts.
    pub keys: Vec<Type>,
    /// The first value: pure, without locals.
    pub init: Expr,
    /// `keep`, milliseconds.
    pub keep: Option<i64>,
    /// What becomes of values that were written when it had another type.
    pub migrations: Vec<Migration>,
    /// Where.
    pub span: Span,
}

/// `migrate old: Int => "{old}"`: pure.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    /// The type that a value had.
    pub from: Type,
    /// The value, as the expression calls it.
    pub param: LocalId,
    /// All locals of the expression.
    pub locals: Vec<Local>,
    /// What becomes of it.
    pub value: Expr,
}

/// A setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// `main.refund_limit`.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// The default: pure, without locals.
    pub default: Option<Expr>,
    /// Where.
    pub span: Span,
}

/// An agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// As the module carries it.
    pub signature: AgentSignature,
    /// The tools, in the order of the signature's.
    pub tools: Vec<Offer>,
    /// What calls a tool of a connection, where there is one.
    pub remote: Option<EffectId>,
    /// Who has to agree to what.
    pub approvals: Vec<Approval>,
    /// How long it is waited for that, in milliseconds.
    pub patience: i64,
    /// Where.
    pub span: Span,
}

/// A tool that an agent may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Which.
    pub tool: FlowId,
    /// What its parameters are where the agent does not say, for those that may be left out.
    pub defaults: Vec<Option<Expr>>,
    /// What gives those of its parameters that are the run's to say: who wrote, and where.
    pub given: Vec<Option<EffectId>>,
}

/// Somebody has to agree before a tool is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// The tool's full name, or a connection's.
    pub tool: Arc<str>,
    /// The tool's parameters, which the expression may look at.
    pub params: Vec<LocalId>,
    /// All locals of the expression.
    pub locals: Vec<Local>,
    /// Who: a `Group?`; none where nobody has to.
    pub by: Expr,
}

/// A test.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Title.
    pub title: Arc<str>,
    /// Module path: `main`.
    pub module: Arc<str>,
    /// Locals of its body.
    pub locals: Vec<Local>,
    /// Its steps.
    pub body: Block,
    /// Where.
    pub span: Span,
}
