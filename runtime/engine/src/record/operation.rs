//! The life of operations.

use crate::ActId;
use crate::Destination;
use crate::deployment::Person;
use crate::stored::{Operation, OutcomeRecord};
use crate::wire::Wire;
use carapace_effect::{Life, OpId, RunId, Sent};
use serde::{Deserialize, Serialize};

/// An operation is asked for. What the engine made of it stands in it: due times with their jitter, destinations,
/// keys to be recognised by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requested {
    /// The run.
    pub run: RunId,
    /// The operation.
    pub op: OpId,
    /// Where in the source.
    pub site: u32,
    /// What it is.
    pub operation: Operation,
}

/// An act may leave the process after this line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Acted {
    /// Which.
    pub act: ActId,
    /// Its how-manieth attempt, counted from 1.
    pub attempt: u32,
    /// When.
    pub at: i64,
}

/// A performer said what came of an act, or nobody can say any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reported {
    /// Which.
    pub act: ActId,
    /// Where it stands now.
    pub life: Life,
    /// Its answer, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeRecord>,
    /// What its platform says about it, where it is a message that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// When the next attempt is due, where there is to be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resend: Option<i64>,
}

/// A question is asked once more; the act follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prompted {
    /// The run.
    pub run: RunId,
    /// The question.
    pub op: OpId,
    /// To whom.
    pub to: Destination,
}

/// A person agreed to something that needs more than one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voted {
    /// The run.
    pub run: RunId,
    /// The question.
    pub op: OpId,
    /// Who.
    pub by: Person,
}

/// A listener's buffer took an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Buffered {
    /// The run.
    pub run: RunId,
    /// The listener.
    pub op: OpId,
    /// The event's record.
    pub value: Wire,
}

/// An operation has its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivered {
    /// The run.
    pub run: RunId,
    /// The operation.
    pub op: OpId,
    /// What became of it.
    pub outcome: OutcomeRecord,
    /// The listener whose first buffered event this takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<OpId>,
}

/// What the run stopped waiting for did happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Late {
    /// The run.
    pub run: RunId,
    /// The operation.
    pub op: OpId,
    /// What became of it.
    pub outcome: OutcomeRecord,
}

/// A deadline waits for a channel that does not hear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The run.
    pub run: RunId,
    /// The deadline; none: the run's `timeout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<OpId>,
    /// When it passes at the latest; when it was due, where it waits no longer.
    pub until: i64,
}

/// A deadline stands still, or goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutOff {
    /// The run.
    pub run: RunId,
    /// The deadline.
    pub op: OpId,
    /// When it passes now.
    pub due: i64,
    /// How many milliseconds were left when it began to stand still; none where it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
}

/// The run stopped waiting for operations. Those that were started go on settling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abandoned {
    /// The run.
    pub run: RunId,
    /// Which.
    pub ops: Vec<OpId>,
}
