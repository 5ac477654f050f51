//! Runs of former versions, and whether each could go on with the one that serves.

use crate::decide::movable;
use crate::state::State;
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Whether a run could go on with the version that serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Move {
    /// The run.
    pub run: RunId,
    /// Its flow, by full name.
    pub flow: Arc<str>,
    /// The number of the version that it runs.
    pub from: u32,
    /// The number of the version that it would run; none where it cannot.
    pub to: Option<u32>,
    /// Why it cannot.
    pub why: Option<String>,
}

/// Whether this run could be moved; none where it does not live.
pub fn could_move(state: &State, run: RunId) -> Option<Move> {
    let stored = state.runs.get(run)?;
    let (to, why) = match movable(state, run) {
        Ok(moved) => (Some(moved.deployment.0), None),
        Err(rejection) => (None, Some(rejection.message)),
    };
    Some(Move { run, flow: stored.flow.clone(), from: stored.deployment.0, to, why })
}

/// The runs that do not run a version that serves, oldest first.
pub fn left_behind(state: &State, flow: Option<&str>) -> Vec<RunId> {
    let serves = |id| state.deployments.serving().any(|deployment| deployment.record.id == id);
    let behind = state.runs.iter().filter(|run| flow.is_none_or(|flow| *run.flow == *flow));
    let mut found: Vec<_> =
        behind.filter(|run| !serves(run.deployment)).map(|run| (run.created, run.id)).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, run)| run).collect()
}
