//! A person is forgotten.

use crate::EventNumber;
use crate::forget::Named;
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A person is to be forgotten: what the state keeps of them is dropped with this, and what the journal does is erased until
/// [`Forgot`] says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgetting {
    /// Who, and by which names something is theirs.
    pub(crate) named: Named,
    /// When.
    pub at: i64,
    /// Runs that are theirs, of those that the state still names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunId>,
    /// Events that are theirs, of those that the state still has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventNumber>,
    /// Keys of `dedupe` that their events have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deduped: Vec<Arc<str>>,
}

/// Nothing of the person that was to be forgotten stands in the journal any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgot {
    /// The line that said so.
    pub line: u64,
    /// How many records were erased.
    pub records: u64,
}

/// Stands in the place of a record that was a person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// The run that it was about, where that is theirs, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The event that it was about, where that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventNumber>,
    /// The line that said that they are to be forgotten.
    pub by: u64,
}
