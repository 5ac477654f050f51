//! Items: what stands at the top level of a file.

use super::{Block, Expr, Name, NodeId, Path, TypeExpr};
use carapace_diagnostic::TextRange;
use std::sync::Arc;

/// An item and where its first byte stands in the file. The first byte is that of its doc comment, if it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Bytes from the start of the file.
    pub offset: u32,
    /// The item.
    pub item: Arc<Item>,
}

/// An item.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The `///` lines above it, without the slashes.
    pub docs: Option<String>,
    /// Its name; none for `use` and tests. An error has the name it declares, where that could be read.
    pub name: Option<Name>,
    /// Where, from its own first byte.
    pub range: TextRange,
    /// How many nodes are numbered inside it.
    pub nodes: u32,
    /// The comments inside it, in order; `///` lines that document nothing among them, those that do not.
    pub comments: Vec<Comment>,
    /// What.
    pub kind: ItemKind,
}

/// `// …`, up to the line's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// Where, slashes included: from the item's start, or from the file's for one between items.
    pub range: TextRange,
}

/// The kinds of items.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemKind {
    /// `use shop/orders as o`.
    Use(Use),
    /// `channel support: telegram`.
    Channel(Channel),
    /// `room oncall: slack`.
    Room(Room),
    /// `group managers`.
    Group(Group),
    /// `connection db: postgres`.
    Connection(Connection),
    /// `setting refund_limit: Money = 50 EUR`.
    Setting(Setting),
    /// `type …`.
    Type(TypeDecl),
    /// `const answer: Int = 42`.
    Const(Const),
    /// `fn double(x: Int) -> Int = x * 2`.
    Fn(Fn),
    /// `state score: Int = 0 by sender`.
    State(State),
    /// `agent desk { … }`.
    Agent(Agent),
    /// `tool refund(…) -> Text { … }`.
    Tool(Tool),
    /// `flow …`.
    Flow(Box<Flow>),
    /// `test "…" { … }`.
    Test(Test),
    /// `effect reply@1(…) …`: libraries only, like all below.
    Effect(Effect),
    /// `trigger message on channel { … }`.
    Trigger(TriggerDecl),
    /// `channel kind line { … }`.
    ChannelKind(ChannelKind),
    /// `tag url(…) -> Url`.
    Tag(TagDecl),
    /// `extern fn upper@1(text: Text) -> Text`.
    ExternFn(ExternFn),
    /// What did not parse at all.
    Error,
}

/// `use shop/orders as o`.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// `shop/orders`.
    pub path: Path,
    /// `as o`; else the last name of the path.
    pub alias: Option<Name>,
}

/// `channel support: telegram`.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// `telegram`, `any`.
    pub kind: Name,
}

/// `room oncall: slack`.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// `slack`.
    pub kind: Name,
}

/// `group managers`.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {}

/// `connection db: postgres`.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// `postgres`.
    pub kind: Name,
}

/// `setting refund_limit: Money = 50 EUR`.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its type.
    pub ty: TypeExpr,
    /// What holds when the deployment says nothing; without it the deployment must.
    pub default: Option<Expr>,
}

/// `type Severity = low | high`, `type Triage { … }`, `extern type User` (libraries: opaque, or with fields).
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDecl {
    /// Whether written `extern type`.
    pub external: bool,
    /// `<T>`.
    pub params: Vec<Name>,
    /// What.
    pub body: TypeBody,
}

/// The two kinds of declared types.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeBody {
    /// `{ a: Int  b: Text? }`.
    Record(Vec<Field>),
    /// `low | paid(amount: Money)`.
    Union(Vec<Variant>),
}

/// A field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// `///` lines.
    pub docs: Option<String>,
    /// The name; may be a keyword.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// `from "content-type"`: its key in JSON.
    pub json_key: Option<String>,
    /// `= value`: taken where a literal leaves it out.
    pub default: Option<Expr>,
}

/// A tag of a union.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// `///` lines.
    pub docs: Option<String>,
    /// The tag.
    pub name: Name,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// `const answer: Int = 42`.
#[derive(Debug, Clone, PartialEq)]
pub struct Const {
    /// Its type, where written.
    pub ty: Option<TypeExpr>,
    /// Its value.
    pub value: Expr,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// The name; may be a keyword.
    pub name: Name,
    /// `secret` before the type: takes a secret.
    pub secret: bool,
    /// `trusted` before the type: takes nothing untrusted.
    pub trusted: bool,
    /// Its type.
    pub ty: TypeExpr,
    /// `= value`.
    pub default: Option<Expr>,
}

/// `fn double(x: Int) -> Int = x * 2`.
#[derive(Debug, Clone, PartialEq)]
pub struct Fn {
    /// `<T>`.
    pub type_params: Vec<Name>,
    /// Parameters.
    pub params: Vec<Param>,
    /// Result type.
    pub result: Option<TypeExpr>,
    /// What it does.
    pub body: FnBody,
}

/// `= e` or `{ … }`.
#[derive(Debug, Clone, PartialEq)]
pub enum FnBody {
    /// `= e`.
    Expr(Expr),
    /// `{ … return … }`.
    Block(Block),
}

/// `state score: Int = 0 by sender keep 30d`.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Its type.
    pub ty: TypeExpr,
    /// What it is before the first write.
    pub init: Expr,
    /// `by sender`, `by conversation, sender` (names), `by Text` (a type, upper case): each a path of names.
    pub keys: Vec<Expr>,
    /// `by Text`: the declared key type.
    pub key_type: Option<TypeExpr>,
    /// `keep 30d`.
    pub keep: Option<Keep>,
    /// `migrate old: Int => "{old}"`, in order.
    pub migrations: Vec<Migration>,
}

/// `migrate old: Int => "{old}"`: what becomes of a value that was written when the state had another type.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    /// What the value is called.
    pub name: Name,
    /// The type it had.
    pub ty: TypeExpr,
    /// What becomes of it.
    pub value: Expr,
}

/// `keep 30d`.
#[derive(Debug, Clone, PartialEq)]
pub struct Keep {
    /// How long after the last write.
    pub duration: Expr,
}

/// `agent desk { model: …  budget: 20_000 tokens per 1h by sender, … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// Its properties, in order.
    pub properties: Vec<Property>,
}

/// `name: value` of an agent. A `budget` is a list of [`Limit`]s, an `approve` a list of pairs.
#[derive(Debug, Clone, PartialEq)]
pub enum Property {
    /// `model: "…"`, `instructions: file("…")`, `tools: […]`, `memory: …`.
    Value(Name, Expr),
    /// `approve: { refund: managers }`.
    Approve(Name, Vec<(Path, Expr)>),
    /// `budget: 20_000 tokens per 1h by sender, 1 USD per 1d by sender`: amounts, `tokens` or none (money), windows, keys.
    Budget(Name, Vec<(Expr, Option<Name>, Expr, Vec<Expr>)>),
    /// What did not parse.
    Error(TextRange),
}

/// `tool refund(order: Order) -> Text { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Parameters.
    pub params: Vec<Param>,
    /// Result type.
    pub result: Option<TypeExpr>,
    /// `timeout D`, after the result type.
    pub timeout: Option<Expr>,
    /// What it does.
    pub body: Block,
    /// `on failure NAME { … }`.
    pub on_failure: Option<(Option<Name>, Block)>,
    /// `on cancel { … }`.
    pub on_cancel: Option<Block>,
}

/// `flow NAME on TRIGGER, … { … }`, `flow NAME(args) -> T { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Parameters of a sub-flow; none for one that starts by itself.
    pub params: Option<Vec<Param>>,
    /// Result type of a sub-flow.
    pub result: Option<TypeExpr>,
    /// The clauses before the body.
    pub header: FlowHeader,
    /// What it does.
    pub body: Block,
    /// `on failure NAME { … }`.
    pub on_failure: Option<(Option<Name>, Block)>,
    /// `on cancel { … }`.
    pub on_cancel: Option<Block>,
}

/// The header clauses, in the order the formatter gives them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FlowHeader {
    /// `on`.
    pub triggers: Vec<TriggerRef>,
    /// `where`.
    pub guard: Option<Expr>,
    /// `limit`, repeatable.
    pub limits: Vec<Limit>,
    /// `debounce D by KEY`.
    pub debounce: Option<Debounce>,
    /// `dedupe KEY for D`.
    pub dedupe: Option<Dedupe>,
    /// `serial [LANE] by KEY [or drop|replace]`.
    pub serial: Option<Serial>,
    /// `timeout D`.
    pub timeout: Option<Expr>,
    /// `priority N`.
    pub priority: Option<Expr>,
    /// `exclusive`.
    pub exclusive: Option<TextRange>,
    /// `observes`.
    pub observes: Option<TextRange>,
    /// `filter`.
    pub filter: Option<TextRange>,
    /// `cancellable by "stop", …`.
    pub cancellable: Vec<Expr>,
}

/// A trigger as used: `support.message`, `cron("0 9 * * mon", zone: "Europe/Berlin")`, `started`.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerRef {
    /// Its number: the trigger's facts hang here.
    pub id: NodeId,
    /// Where.
    pub range: TextRange,
    /// `support.message`; `any`-kinds through their channel.
    pub path: Path,
    /// Between the parentheses; none where there are no parentheses.
    pub args: Option<Vec<TriggerArg>>,
}

/// An argument of a trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerArg {
    /// `zone:`; of a `command` also the name of a typed argument (`order: Int`).
    pub name: Option<Name>,
    /// A value, or a type (upper case).
    pub value: TriggerArgValue,
}

/// What a trigger takes.
#[derive(Debug, Clone, PartialEq)]
pub enum TriggerArgValue {
    /// `"0 9 * * mon"`, `once`.
    Expr(Expr),
    /// `Text?`.
    Type(TypeExpr),
}

/// `limit N [per D] by KEY [else BLOCK]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// How many.
    pub count: Expr,
    /// In how long; without it, at the same time.
    pub per: Option<Expr>,
    /// For each of what: `sender`, `conversation`, `message.text`.
    pub by: Vec<Expr>,
    /// What happens to the one too many.
    pub otherwise: Option<Block>,
    /// Where.
    pub range: TextRange,
}

/// `debounce D by KEY`.
#[derive(Debug, Clone, PartialEq)]
pub struct Debounce {
    /// How long it must be quiet.
    pub duration: Expr,
    /// For each of what.
    pub by: Vec<Expr>,
}

/// `dedupe KEY for D`.
#[derive(Debug, Clone, PartialEq)]
pub struct Dedupe {
    /// What makes two events the same.
    pub key: Expr,
    /// For how long.
    pub duration: Expr,
}

/// `serial [LANE] by KEY [or drop|replace]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Serial {
    /// The lane, shared by the flows that name it.
    pub lane: Option<Name>,
    /// For each of what.
    pub by: Vec<Expr>,
    /// What happens to the next while one runs.
    pub busy: SerialBusy,
    /// Where.
    pub range: TextRange,
}

/// What happens to the next while one runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SerialBusy {
    /// It waits.
    Queue,
    /// It is dropped.
    Drop,
    /// The running one is cancelled.
    Replace,
}

/// `test "…" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Its title.
    pub title: String,
    /// Its steps: test statements, and `let`, `for`, `if` around them.
    pub body: Block,
}

/// `effect reply@1(content: Content) -> MessageRef needs conversation delivery of channel`.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The version after `@`.
    pub version: u32,
    /// What it is called on: `on channel`, `on agent`, `on room`, `on connection postgres`; none for a free function.
    pub on: Option<Path>,
    /// `<T>`.
    pub type_params: Vec<Name>,
    /// Parameters.
    pub params: Vec<Param>,
    /// Result type.
    pub result: Option<TypeExpr>,
    /// `needs …`, `delivery …`, `can …`.
    pub clauses: Vec<EffectClause>,
}

/// What else an effect's declaration says.
#[derive(Debug, Clone, PartialEq)]
pub enum EffectClause {
    /// `needs conversation`, `needs sender`.
    Needs(Vec<Name>),
    /// `delivery read`, `delivery keyed for 24h`, `delivery probe`, `delivery blind`, `delivery of channel`.
    Delivery(DeliveryLine),
    /// `requires edit`: the capability that the channel's kind must have.
    Requires(Vec<Name>),
    /// `requires parameter buttons as buttons`: using that parameter needs the capability.
    RequiresFor(Name, Name),
    /// `engine`: performed by the engine itself (waits, questions, runs).
    Engine,
}

/// `keyed for 24h in send`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryLine {
    /// `read`, `keyed`, `probe`, `blind`, `of` (then `of` is set).
    pub class: Name,
    /// `for 24h`.
    pub window: Option<Expr>,
    /// `in send`: for which effect; none for all.
    pub effect: Option<Name>,
    /// `of channel`.
    pub of: Option<Name>,
}

/// `trigger message on channel { message: Message, sender: User }`.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerDecl {
    /// `on channel`.
    pub on: Option<Name>,
    /// `(expression: Text, zone: Text = "UTC")`.
    pub params: Vec<Param>,
    /// What is in scope in the flow.
    pub fields: Vec<Field>,
    /// `requires join_leave`: the capability that the channel's kind must have.
    pub requires: Vec<Name>,
}

/// `channel kind line { can quote, …  cannot edit  delivery keyed for 24h in send  max text 5000 }`.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelKind {
    /// Its lines.
    pub lines: Vec<ChannelKindLine>,
}

/// A line of a channel kind's declaration.
#[derive(Debug, Clone, PartialEq)]
pub enum ChannelKindLine {
    /// `can quote, media by url`: names joined by blanks are one capability.
    Can(Vec<Name>),
    /// `cannot edit, react`.
    Cannot(Vec<Name>),
    /// `delivery keyed for 24h in send, blind in reply`.
    Delivery(Vec<DeliveryLine>),
    /// `max text 5000`.
    Max(Name, Expr),
    /// `limit 20 per 1m by conversation`.
    Limit {
        /// How many requests.
        most: Expr,
        /// In which time.
        per: Expr,
        /// Counted for what: `account`, `conversation`.
        by: Name,
    },
    /// `redelivers within 7d`.
    Redelivers(Expr),
}

/// `tag url(parts) -> Url`: declares tagged text.
#[derive(Debug, Clone, PartialEq)]
pub struct TagDecl {
    /// The type of such a text.
    pub result: TypeExpr,
    /// `raw`: no escapes and no interpolation.
    pub raw: bool,
    /// The `extern fn` that checks and encodes.
    pub by: Option<Name>,
}

/// `extern fn upper@1(text: Text) -> Text`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternFn {
    /// The version after `@`.
    pub version: u32,
    /// `<T>`.
    pub type_params: Vec<Name>,
    /// Parameters.
    pub params: Vec<Param>,
    /// Result type.
    pub result: TypeExpr,
}
