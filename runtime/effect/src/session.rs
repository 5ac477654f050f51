//! What an agent and the people it talks with have said: the form, for performers and everybody who looks.
//!
//! A *session* is the conversation of an agent with one person, or in one conversation. It is a list of turns. One call of
//! `chat` is an *exchange*: it begins with what the person said and ends with the agent's answer, or with word that there
//! is none; the tools that the agent called in between stand there, too. Deliberately not here: the rules by which turns
//! may follow each other, which the engine keeps (`carapace_engine::stored::Session`).

use crate::{OpId, RunId};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::fmt;
use std::sync::Arc;

/// Which session.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionKey {
    /// The agent, by full name: `main.desk`.
    pub agent: Arc<str>,
    /// With whom it talks.
    pub with: With,
}

/// With whom an agent talks, as far as its memory is concerned.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum With {
    /// With a person, wherever they write on this account.
    Sender {
        /// The account.
        account: Arc<str>,
        /// The person's id.
        user: Arc<str>,
    },
    /// With whoever writes in a conversation: `memory: "conversation"`.
    Conversation {
        /// The account.
        account: Arc<str>,
        /// The conversation's id.
        conversation: Arc<str>,
    },
    /// With nobody who could come back to it: it is remembered as long as the run lives that asks.
    Run {
        /// The run.
        run: RunId,
    },
}

/// One call of `chat`: the operation of a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Exchange {
    /// The run.
    pub run: RunId,
    /// Its operation.
    #[schema(value_type = String)]
    pub op: OpId,
}

/// A turn, and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Remembered {
    /// Its number in the session, counted from 1. What was forgotten leaves a gap.
    pub number: u64,
    /// When it was written down, in milliseconds since 1970 UTC.
    pub at: i64,
    /// The exchange that it belongs to; a note on what was put away belongs to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Exchange>,
    /// What it says.
    #[serde(flatten)]
    pub turn: Turn,
}

/// One entry of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "turn", rename_all = "snake_case")]
pub enum Turn {
    /// What the agent was told.
    User {
        /// The words.
        text: Arc<str>,
        /// Who said so, as the platform knows them; none where no person did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Arc<str>>,
    },
    /// What the agent answered. The exchange is over.
    Assistant {
        /// The words.
        text: Arc<str>,
    },
    /// There is no answer, and the exchange is over.
    Unanswered {
        /// What became of it instead.
        how: Unanswered,
        /// Why, for a person.
        why: Arc<str>,
    },
    /// The agent calls a tool.
    Call {
        /// By this its result is known; once in an exchange.
        id: Arc<str>,
        /// The tool's full name.
        name: Arc<str>,
        /// What it is given, by parameter.
        arguments: Json,
        /// What the agent said before it, in the same step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        says: Option<Arc<str>>,
        /// What the provider of its model wants to see again with the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opaque: Option<Arc<str>>,
    },
    /// What came of a call.
    Result {
        /// Which.
        id: Arc<str>,
        /// What.
        outcome: Called,
    },
    /// Everything before it is put away.
    Compacted {
        /// The number of the last turn that is.
        through: u64,
        /// The blobs that hold the turns, oldest first; each has one turn a line.
        archives: Vec<Arc<str>>,
        /// What they said in short, where the agent's model summed them up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        summary: Option<Summary>,
    },
}

/// Turns in short, as a model has summed them up: a text that nobody vouches for, like everything that models say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Summary {
    /// The number of the last turn that is in it.
    pub through: u64,
    /// The words.
    pub text: Arc<str>,
}

/// A fact that an agent is given with each question of a session, whatever of its turns is put away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Pin {
    /// In a sentence.
    pub fact: Arc<str>,
    /// Since when, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Who wrote what the run was about that pinned it, as the platform knows them; none where no person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Arc<str>>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unanswered {
    /// The agent, or who performs it, failed.
    Failed,
    /// Nobody waited for it any more.
    Cancelled,
    /// Nobody can know what it would have been.
    Unknown,
}

/// What came of a tool's call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Called {
    /// It returned this.
    Done(Json),
    /// It failed, or was not allowed: why.
    Failed(Arc<str>),
    /// Nobody can know: the process ended in between, or the agent went on without waiting.
    Unknown,
}

/// What an agent is reminded of when it is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recall {
    /// The session.
    pub key: SessionKey,
    /// Its turns, an exchange after the other, and the one that is to be answered last. Exchanges that are under way beside
    /// it are left out, so that what a model is given is always whole: each call has its result, each question an answer
    /// or word that there is none.
    pub turns: Vec<Remembered>,
    /// Facts that are always given, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Arc<str>>,
}

impl Recall {
    /// What was said before the turns, in short.
    pub fn summary(&self) -> Option<&Summary> {
        self.turns.iter().find_map(|remembered| match &remembered.turn {
            Turn::Compacted { summary, .. } => summary.as_ref(),
            _ => None,
        })
    }
}

impl SessionKey {
    /// A short name: equal keys have equal ones, on every machine.
    pub fn id(&self) -> String {
        let mut hash = blake3::Hasher::new();
        let run: Arc<str>;
        let (kind, account, whom) = match &self.with {
            With::Sender { account, user } => ("sender", account, user),
            With::Conversation { account, conversation } => ("conversation", account, conversation),
            With::Run { run: id } => {
                run = id.to_string().into();
                ("run", &run, &run)
            }
        };
        for part in [&*self.agent, kind, account, whom] {
            hash.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        hash.finalize().to_hex().chars().take(16).collect()
    }

    /// Whether it is the session of this person alone.
    pub fn is_of(&self, account: &str, user: &str) -> bool {
        matches!(&self.with, With::Sender { account: a, user: u } if **a == *account && **u == *user)
    }
}

impl With {
    /// The account on which that is, where it is on one.
    pub const fn account(&self) -> Option<&Arc<str>> {
        match self {
            With::Sender { account, .. } | With::Conversation { account, .. } => Some(account),
            With::Run { .. } => None,
        }
    }
}

impl fmt::Display for With {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            With::Sender { account, user } => write!(f, "{user} on {account}"),
            With::Conversation { account, conversation } => write!(f, "all of {conversation} on {account}"),
            With::Run { run } => write!(f, "nobody, in run {run}"),
        }
    }
}

impl Turn {
    /// Whether its exchange is over with it.
    pub const fn ends(&self) -> bool {
        matches!(self, Turn::Assistant { .. } | Turn::Unanswered { .. })
    }
}
