//! What a module tells the runtime about its flows before any of their code runs.

use crate::{Type, TypeTable, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How often a request may reach the world, as declared for an effect and a channel kind (`runtime.md` 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryClass {
    /// Repeat freely.
    Read,
    /// The platform honours our key that long, in milliseconds.
    Keyed(i64),
    /// Whether it happened can be looked up.
    Probe,
    /// None of these.
    Blind,
    /// The channel kind says.
    OfChannel,
    /// The engine does it itself: waits, questions, runs.
    Engine,
}

/// The author's choice for one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The class's default.
    Default,
    /// `at most once`.
    AtMostOnce,
    /// `at least once`.
    AtLeastOnce,
}

/// An effect as a module refers to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EffectSignature {
    /// `channel.reply`, `http.get`, `agent.extract`, `time.wait`, … : its library module's last name and its own.
    pub name: Arc<str>,
    /// The version after `@`.
    pub version: u32,
    /// Parameter names and types, the receiver (`on channel`: its name as `Text`) first where there is one.
    pub params: Vec<(Arc<str>, Type)>,
    /// Result type.
    pub result: Type,
    /// The class as declared.
    pub class: DeliveryClass,
}

/// What happens to the next event of a serial key while one runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Busy {
    /// It waits.
    Queue,
    /// It is dropped.
    Drop,
    /// The running one is cancelled.
    Replace,
}

/// What to do about schedule slots that passed while nobody was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// Nothing.
    Skip,
    /// One run for all.
    Once,
    /// One run each.
    All,
}

/// What a flow starts on, or a wait waits for, with all that dispatch indexes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TriggerSpec {
    /// An event of a channel: `message`, `joined`, `left`, `reaction`, `button`, `edited`, `deleted`, `poll_vote`, `call`.
    Channel {
        /// The channel's name in the package (`path.name`).
        channel: Arc<str>,
        /// The trigger's name.
        event: Arc<str>,
    },
    /// `support.command("refund", order: Int)`.
    Command {
        /// The channel.
        channel: Arc<str>,
        /// The word behind the slash, lower case; several words for a sub-command.
        name: Arc<str>,
        /// Argument names and types, in order; a last `Text` takes the rest of the line.
        args: Vec<(Arc<str>, Type)>,
    },
    /// `cron("0 9 * * mon", zone: …, missed: …)`.
    Cron {
        /// Five fields (six with seconds).
        expression: Arc<str>,
        /// IANA name.
        zone: Arc<str>,
        /// Policy.
        missed: Missed,
    },
    /// `every(D)`, milliseconds.
    Every(i64),
    /// `at(T)`: milliseconds since 1970 UTC.
    At(i64),
    /// `webhook(path, method, T, …)`.
    Webhook {
        /// `/github`.
        path: Arc<str>,
        /// `POST`.
        method: Arc<str>,
        /// Type of the body.
        body: Type,
        /// Name of the check and of its secret, as declared; none takes everything. A check without a secret has an empty name.
        signature: Option<(Arc<str>, Arc<str>)>,
        /// What else the check was given, by name: `header`, `public_key`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        with: Vec<(Arc<str>, Arc<str>)>,
    },
    /// `event("name", T)`.
    Event {
        /// Its name.
        name: Arc<str>,
        /// Type of its payload.
        payload: Type,
    },
    /// `started`: the runtime came up with this deployment.
    Started,
    /// `failed(flow)`.
    Failed {
        /// The flow's full name.
        flow: Arc<str>,
    },
    /// `manual(T)`.
    Manual {
        /// Type of its input.
        input: Type,
    },
}

/// Index of a function in the module's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FunctionId(pub u32);

/// A flow that starts by itself, or may be started. Key and guard functions take the event record (see [`Trigger`])
/// and are pure, but a guard may read `state`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowSignature {
    /// `main.front_desk`: module path and name.
    pub name: Arc<str>,
    /// Its doc comment.
    pub docs: Option<Arc<str>>,
    /// Whether agents may call it.
    pub tool: bool,
    /// What starts it; empty for sub-flows and tools.
    pub triggers: Vec<Trigger>,
    /// Parameters of a sub-flow or tool.
    pub params: Vec<(Arc<str>, Type)>,
    /// What it returns.
    pub result: Type,
    /// Its code: takes the event record, or the parameters.
    pub body: FunctionId,
    /// `where`: event record -> Bool.
    pub guard: Option<FunctionId>,
    /// Whether the guard reads `state`, so that it is judged when the run leaves its lane.
    pub guard_reads_state: bool,
    /// `limit`, in order.
    pub limits: Vec<LimitSpec>,
    /// `debounce`: milliseconds, and event record -> List of key parts.
    pub debounce: Option<(i64, FunctionId)>,
    /// `dedupe`: event record -> key, and milliseconds.
    pub dedupe: Option<(FunctionId, i64)>,
    /// `serial`: lane name (the flow's own where none is written), event record -> List of key parts, when busy.
    pub serial: Option<(Arc<str>, FunctionId, Busy)>,
    /// `timeout`, milliseconds.
    pub timeout: Option<i64>,
    /// `priority`; 0 where none is written, higher goes first.
    pub priority: i64,
    /// `exclusive`.
    pub exclusive: bool,
    /// `observes`.
    pub observes: bool,
    /// `filter`.
    pub filter: bool,
    /// `cancellable by`: lower case.
    pub cancellable: Vec<Arc<str>>,
    /// `on failure`: (event record or parameters, error) -> Nothing.
    pub on_failure: Option<FunctionId>,
    /// `on cancel`: event record or parameters -> Nothing.
    pub on_cancel: Option<FunctionId>,
}

/// Whether a parameter of a tool is the run's to say, and never a model's or a program's: who wrote (`sender: User`), and where
/// (`conversation: Conversation`).
pub fn is_of_the_run(name: &str, ty: &Type, types: &TypeTable) -> bool {
    let Type::Declared(id, _) = ty else { return false };
    let declared = types.get(*id).map(|def| &*def.name);
    matches!(
        (name, declared),
        ("sender", Some("std/world.User")) | ("conversation", Some("std/world.Conversation"))
    )
}

/// One trigger of a flow. With several, the code sees one event record type: the common fields, and `trigger`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// Which events.
    pub spec: TriggerSpec,
    /// Names of the event's fields in the order in which the event record holds them; the engine builds the record
    /// from the event by name. `trigger` is the trigger's number as a tag.
    pub fields: Vec<(Arc<str>, Type)>,
    /// Texts one of which must occur in `message.text` (lower case) for the guard to hold; empty when unknown. An
    /// index for dispatch, derived from the guard.
    pub required_words: Vec<Arc<str>>,
    /// Marks one of which an event must have for the guard to hold, where there is more to go by than words; empty when
    /// unknown. Whoever reads them need not look at the words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_marks: Vec<Mark>,
}

impl Trigger {
    /// A trigger of which nothing more is known.
    pub const fn new(spec: TriggerSpec, fields: Vec<(Arc<str>, Type)>) -> Trigger {
        Trigger { spec, fields, required_words: Vec::new(), required_marks: Vec::new() }
    }
}

/// Something that an event has, by which it can be looked up. Derived from a guard, which has the last word.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// This text occurs in `message.text`, whatever the case; it is lower case itself.
    Word(Arc<str>),
    /// A field of the event is this text.
    Field {
        /// JSON keys from the event's field inwards: `sender`, `id`.
        path: Vec<Arc<str>>,
        /// The text.
        is: Arc<str>,
    },
}

/// `limit N [per D] by KEY [else BLOCK]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitSpec {
    /// How many.
    pub count: i64,
    /// In how many milliseconds; none: at the same time.
    pub per: Option<i64>,
    /// Event record -> List of key parts.
    pub key: FunctionId,
    /// What the one too many gets, as a run of its own: event record -> Nothing.
    pub otherwise: Option<FunctionId>,
}

/// `state score: Int = 0 by sender keep 30d`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateSignature {
    /// `main.score`.
    pub name: Arc<str>,
    /// Type of a value.
    pub ty: Type,
    /// Types of the key parts; empty for one value for the package.
    pub keys: Vec<Type>,
    /// () -> the initial value.
    pub init: FunctionId,
    /// `keep`, milliseconds after the last write.
    pub keep: Option<i64>,
    /// `migrate`, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub migrations: Vec<MigrationSignature>,
}

/// `migrate old: Int => "{old}"`: what becomes of a value that was written when the state had another type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MigrationSignature {
    /// The type that the value had.
    pub from: Type,
    /// The value -> what becomes of it.
    pub function: FunctionId,
}

/// `setting refund_limit: Money = 50 EUR`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingSignature {
    /// `main.refund_limit`.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// () -> the default.
    pub default: Option<FunctionId>,
}

/// What kind of thing the deployment binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    /// `channel NAME: KIND`.
    Channel,
    /// `room NAME: KIND`.
    Room,
    /// `group NAME`.
    Group,
    /// `connection NAME: KIND`.
    Connection,
}

/// A slot that the deployment binds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// `main.support`.
    pub name: Arc<str>,
    /// What it is.
    pub kind: SlotKind,
    /// `telegram`; empty for groups.
    pub of: Arc<str>,
}

/// An agent, as data: the properties' values (constant) by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentSignature {
    /// `main.desk`.
    pub name: Arc<str>,
    /// Properties whose values are constant JSON: model, instructions (file contents included), memory, …
    pub properties: Vec<(Arc<str>, serde_json::Value)>,
    /// Full names of the tools it may call.
    pub tools: Vec<Arc<str>>,
    /// Full names of the connections whose tools it may call: servers of the Model Context Protocol.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<Arc<str>>,
    /// Tool -> group whose approval it needs.
    pub approve: Vec<(Arc<str>, Arc<str>)>,
}

/// What one flow may touch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capabilities {
    /// Flow, tool or test.
    pub flow: Arc<str>,
    /// Lines such as `channel main.support: reply`, `host api.example.com`, `secret stripe`, sorted.
    pub touches: Vec<Arc<str>>,
    /// Whether every host that it may call is among them. In modules of before, one that came out of a setting or a state
    /// was not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hosts: bool,
}

/// A parameter value that is a wild card in a test's pattern.
pub const ANY: &str = "_";

/// A constant of the pool.
pub type Constant = Value;
