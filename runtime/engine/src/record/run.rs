//! Runs come, go and are asked to end.

use crate::blob::Blob;
use crate::stored::{Concurrency, Entry, Stop};
use crate::{DeploymentId, EventNumber, LaneId};
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A run came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// Its id: random.
    pub run: RunId,
    /// Its flow, by full name.
    pub flow: Arc<str>,
    /// The deployment it is pinned to.
    pub deployment: DeploymentId,
    /// When.
    pub at: i64,
    /// The event it is about; a sub-flow that was started has its starter's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventNumber>,
    /// The run that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RunId>,
    /// Who called it from outside, by the name of their token; a sub-flow that was started has its starter's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Arc<str>>,
    /// The run that failed, where this one tries it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<RunId>,
    /// Where its code begins.
    pub entry: Entry,
    /// The lane it goes through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<LaneId>,
    /// Limits that count it while it lives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Concurrency>,
    /// Words in places that cancel it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Stop>,
    /// Whether its guard is judged when it leaves its lane.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guarded: bool,
}

/// A run may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// Which.
    pub run: RunId,
    /// When it starts.
    pub at: i64,
    /// When its `timeout` is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
}

/// A run is gone without having started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Which.
    pub run: RunId,
    /// Why.
    pub reason: super::DropReason,
}

/// A run shall end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelling {
    /// Which.
    pub run: RunId,
    /// Why, for a person.
    pub reason: Arc<str>,
}

/// A run took longer than its `timeout`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedOut {
    /// Which.
    pub run: RunId,
}

/// A parked run that is over its `timeout` gave its lane to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Yielded {
    /// Which.
    pub run: RunId,
}

/// A run can go on that was parked, or left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Woken {
    /// Which.
    pub run: RunId,
}

/// A run goes on with another deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// Which.
    pub run: RunId,
    /// The deployment that it is pinned to from now on.
    pub deployment: DeploymentId,
    /// Where its code begins, in that one.
    pub entry: Entry,
    /// Its frames, of that one's code.
    pub frames: Blob,
}

/// The process ended while it carried a run out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crashed {
    /// Which.
    pub run: RunId,
    /// When that was noticed: at the next start.
    pub at: i64,
}

/// A run at which the runtime itself fails is left alone, until a person says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Which.
    pub run: RunId,
    /// Its flow, by full name.
    pub flow: Arc<str>,
    /// When.
    pub at: i64,
    /// Why, for a person.
    pub why: Arc<str>,
}

/// A run is over, and everything it started is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Which.
    pub run: RunId,
    /// When.
    pub at: i64,
}

/// A run wrote a note into its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// The run.
    pub run: RunId,
    /// Its flow, by full name.
    pub flow: Arc<str>,
    /// `debug`, `info`, `warning` or `error`.
    pub level: Arc<str>,
    /// What.
    pub message: Arc<str>,
}
