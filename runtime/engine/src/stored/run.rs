//! A run.

use super::{Operation, OutcomeRecord, Preview};
use crate::blob::Blob;
use crate::wire::Wire;
use crate::{DeploymentId, EventNumber, Key, LaneId};
use carapace_effect::{Failure, OpId, RunId};
use carapace_module::signature::FunctionId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A run: a value that can be written down, moved, inspected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Its flow, by full name.
    pub flow: Arc<str>,
    /// The deployment it is pinned to.
    pub deployment: DeploymentId,
    /// When it came to be.
    pub created: i64,
    /// When it left its lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<i64>,
    /// The event it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventNumber>,
    /// The run that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RunId>,
    /// Who called it from outside, by the name of their token; a sub-flow that was started has its starter's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Arc<str>>,
    /// Where its code begins.
    pub entry: Entry,
    /// Its lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<LaneId>,
    /// Limits that count it while it lives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Concurrency>,
    /// Words in places that cancel it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Stop>,
    /// Whether its guard is still to be judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guarded: bool,
    /// Where it stands.
    pub phase: Phase,
    /// Whether it failed, and its own `on failure` has dealt with that: then nobody else is told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handled: bool,
    /// Its frames as of its last stretch; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<Blob>,
    /// What it is to be told, in the order of the journal.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub inbox: VecDeque<Tell>,
    /// The piece of the agenda that will advance it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<u64>,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "crate::pairs")]
    pub operations: BTreeMap<OpId, Operation>,
    /// What it no longer waits for, but what may still happen.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "crate::pairs")]
    pub settling: BTreeMap<OpId, Operation>,
    /// Answers that are shown while they are written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previews: Vec<Preview>,
    /// When its `timeout` is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
    /// Whether it took longer than that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
    /// How often in a row the process ended while it carried it out.
    #[serde(default, skip_serializing_if = "is_none")]
    pub crashes: u32,
    /// Why it is left alone, until a person says otherwise: the runtime fails at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantined: Option<Arc<str>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// In its lane.
    Queued,
    /// It runs or waits.
    Running,
    /// It has been asked to end.
    Cancelling,
    /// Its code is over; it is finished when all is settled.
    Over(End),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It returned.
    Succeeded(Wire),
    /// It failed.
    Failed(Failure),
    /// It was cancelled.
    Cancelled(Arc<str>),
    /// It broke a rule of the machine.
    Fault(Arc<str>),
}

/// Where a run's code begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// The flow's body, on its event.
    Trigger {
        /// Which of the flow's triggers.
        trigger: u32,
    },
    /// What the one too many gets, on its event.
    Otherwise {
        /// Which of the flow's triggers.
        trigger: u32,
        /// The block.
        function: FunctionId,
    },
    /// The flow's body, called.
    Call {
        /// Arguments.
        args: Vec<Wire>,
    },
}

/// A `limit` without `per`: it counts runs that live.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Concurrency {
    /// The flow's n-th limit.
    pub limit: u32,
    /// `by`.
    pub key: Key,
}

/// `cancellable by`: this word of this person in this conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stop {
    /// The account.
    pub account: Arc<str>,
    /// The conversation.
    pub conversation: Arc<str>,
    /// The person.
    pub user: Arc<str>,
    /// The word, lower case.
    pub word: Arc<str>,
}

/// What a run is to be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// What became of an operation it waits for.
    Outcome {
        /// Which.
        op: OpId,
        /// What became of it.
        outcome: OutcomeRecord,
    },
    /// What became of one it no longer waits for.
    Late {
        /// Which.
        op: OpId,
        /// What became of it.
        outcome: OutcomeRecord,
    },
    /// That it is to end.
    Cancel {
        /// Why.
        reason: Arc<str>,
    },
    /// That it took longer than its `timeout`.
    Timeout,
}

impl Run {
    /// Whether nothing more will come of it.
    pub fn is_settled(&self) -> bool {
        matches!(self.phase, Phase::Over(_)) && self.settling.is_empty() && self.inbox.is_empty()
    }
}
