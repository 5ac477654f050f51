//! What performers are asked, and what they answer.

use crate::{Agent, EffectRequest, Failure, OpId, Origin, Recall, RunId, Usage};
use carapace_module::Value;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::fmt;
use std::sync::Arc;

/// One thing a performer does: an operation's part. Most operations have one part; a send to a group has one for
/// each person, a question one for each time it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActId {
    /// The run.
    pub run: RunId,
    /// Its operation.
    pub op: OpId,
    /// Which part, counted from 0.
    pub part: u32,
}

impl fmt::Display for ActId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.run, self.op, self.part)
    }
}

/// One thing to do. Everything in it is decided: names are resolved to accounts, the key and the attempt are journaled.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// Its name; the report carries it.
    pub id: ActId,
    /// Counted from 1.
    pub attempt: u32,
    /// What a platform with idempotent requests is given.
    pub key: Arc<str>,
    /// Whether an earlier attempt may have happened.
    pub again: bool,
    /// The flow that asks, by full name.
    pub flow: Arc<str>,
    /// The call as the code made it, with its values and types.
    pub request: EffectRequest,
    /// The same arguments by parameter name, as canonical JSON.
    pub arguments: Map<String, Json>,
    /// Where a message goes, for effects that send one: the run's conversation for a reply.
    pub to: Option<Destination>,
    /// The conversation the run's event came from, with the route for exact answers.
    pub origin: Option<Arc<Origin>>,
    /// Buttons below the message with our ids: (id, label). Only questions have them.
    pub buttons: Vec<(String, String)>,
    /// Whether it is the prompt of a question: its answer comes as an event, the act ends with its being put.
    pub question: bool,
    /// Whether it asks for an approval.
    pub approval: bool,
    /// The result's type as a JSON Schema, for effects with a type argument.
    pub schema: Option<Json>,
    /// The agent, where one is asked.
    pub agent: Option<Arc<Agent>>,
    /// The server that a connection is bound to, where one is asked (`mcp.call`).
    pub server: Option<Arc<str>>,
    /// What the agent and the person have said so far, where an agent takes a step of an exchange (`exchange.think`). It ends
    /// with what is to be answered, or with the results of what was called last. Where older turns are to be summed up
    /// (`exchange.sum_up`): those.
    pub session: Option<Arc<Recall>>,
    /// The hosts that the flow's manifest lists, as they stand in it (`api.example.com`, `api.*`), where an address is handed
    /// over: also a redirect leads nowhere else. None where it may call any.
    pub hosts: Option<Arc<[Arc<str>]>>,
    /// The preview of an answer that it grows, replaces or takes away.
    pub preview: Option<Preview>,
}

/// An answer that is shown while it is written. What it shows is nobody's record; only the message that holds it is known,
/// so that it becomes the answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Preview {
    /// Its name within the run: the operation that began it.
    pub op: OpId,
    /// The platform's id of the message that holds it, where a message does and that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Arc<str>>,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A conversation.
    Conversation {
        /// The account.
        account: Arc<str>,
        /// The conversation's id.
        conversation: Arc<str>,
    },
    /// A person, in their direct conversation.
    User {
        /// The account.
        account: Arc<str>,
        /// The person's id.
        user: Arc<str>,
    },
}

impl Destination {
    /// The account that sends.
    pub fn account(&self) -> &Arc<str> {
        match self {
            Destination::Conversation { account, .. } | Destination::User { account, .. } => account,
        }
    }
}

/// What a performer says about an act.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Which.
    pub act: ActId,
    /// Which attempt; a report of an earlier one is still true and is taken.
    pub attempt: u32,
    /// What came of it.
    pub outcome: Reported,
}

/// What a platform says about a message that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The conversation it stands in.
    pub conversation: Arc<str>,
    /// The platform's ids of its parts, in order.
    pub messages: Vec<Arc<str>>,
    /// How far all of them got.
    pub reach: Reach,
}

/// How far a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The platform took it.
    Accepted,
    /// It stands in its conversation.
    Sent,
    /// A device of the receiver has it.
    Delivered,
    /// The receiver has seen it.
    Read,
}

impl Reach {
    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Reach::Accepted => "accepted",
            Reach::Sent => "sent",
            Reach::Delivered => "delivered",
            Reach::Read => "read",
        }
    }
}

impl Reported {
    /// What came of it, whatever it has cost.
    pub fn bare(&self) -> &Reported {
        match self {
            Reported::Spent(outcome, _) => outcome.bare(),
            outcome => outcome,
        }
    }
}

/// What came of an act.
#[derive(Debug, Clone, PartialEq)]
pub enum Reported {
    /// It happened; the answer as canonical JSON, which the engine decodes by the effect's result type.
    Done(Json),
    /// It was sent; the answer as canonical JSON, and what its platform says about it.
    Sent(Json, Sent),
    /// It happened; the answer as the value itself.
    Value(Value),
    /// It did not happen, for a known reason.
    Failed(Failure),
    /// That came of it, and models were asked for it: what each request has used up, the failed ones included.
    Spent(Box<Reported>, Vec<Usage>),
    /// Some of it happened, with this answer as canonical JSON, and some did not.
    Partly(Json, Failure),
    /// Nothing left the process.
    NotPerformed(String),
    /// Nothing left the process, and it may be tried again.
    Held {
        /// Why, for a person.
        message: String,
        /// Not before so many milliseconds from now.
        after: Option<i64>,
        /// Whether nothing at all goes out on its account meanwhile; else nothing to the same place.
        whole: bool,
    },
    /// Nobody can know.
    Unknown(String),
}
