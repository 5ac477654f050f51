//! What was kept of a person, in counts.

use crate::state::State;
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What was kept of a person, in counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Forgotten)]
pub struct Report {
    /// Who: `telegram:12345`.
    pub sender: String,
    /// Events that are theirs.
    pub events: u64,
    /// Runs that are theirs.
    pub runs: u64,
    /// Values of `state … by sender`, and of their direct conversations.
    pub values: u64,
    /// Messages that were kept.
    pub letters: u64,
    /// Messages of which it was remembered how far they got.
    pub sent: u64,
    /// Sessions of agents in which something of theirs is.
    #[serde(default)]
    pub sessions: u64,
    /// Records of the journal in whose place there are tombstones now; none for a dry run.
    #[serde(default)]
    pub records: u64,
    /// Parts of the archive that were rewritten; none for a dry run.
    #[serde(default)]
    pub parts: u64,
    /// Files of the archive that could not be searched, and are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// Runs that live and are theirs, or wait for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub living: Vec<Living>,
    /// Groups of deployments that name them, which stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Arc<str>>,
}

/// A run that lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Living {
    /// Which.
    pub run: RunId,
    /// Its flow, by full name.
    pub flow: Arc<str>,
}

impl Living {
    /// Those that live of some runs.
    pub(crate) fn of<'r>(state: &State, runs: impl IntoIterator<Item = &'r RunId>) -> Vec<Living> {
        let live =
            |run: &RunId| state.runs.get(*run).map(|live| Living { run: *run, flow: live.flow.clone() });
        runs.into_iter().filter_map(live).collect()
    }
}
