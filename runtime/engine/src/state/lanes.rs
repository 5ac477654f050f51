//! Lanes: runs that go one after the other, in acceptance order.

use crate::LaneId;
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// One key of one lane.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lane {
    /// Who is in it.
    pub running: Option<RunId>,
    /// Who waits, first come first.
    pub queue: VecDeque<RunId>,
    /// The piece of the agenda that lets the next one in.
    pub work: Option<u64>,
}

/// All lanes that somebody is in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Lanes {
    #[serde(with = "crate::pairs")]
    pub(crate) table: BTreeMap<LaneId, Lane>,
}

impl Lanes {
    /// How many may wait in one.
    pub const BOUND: usize = 1_000;

    /// In how many somebody is.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether nobody is in any.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// A lane, if somebody is in it.
    pub fn get(&self, id: &LaneId) -> Option<&Lane> {
        self.table.get(id)
    }

    pub(crate) fn enqueue(&mut self, id: &LaneId, run: RunId) {
        self.table.entry(id.clone()).or_default().queue.push_back(run);
    }

    pub(crate) fn enter(&mut self, id: &LaneId, run: RunId) {
        let lane = self.table.entry(id.clone()).or_default();
        lane.queue.retain(|queued| *queued != run);
        lane.running = Some(run);
    }

    /// The piece of the agenda that was to let the next one in is done.
    pub(crate) fn worked(&mut self, id: &LaneId) {
        let Some(lane) = self.table.get_mut(id) else { return };
        lane.work = None;
        if lane.running.is_none() && lane.queue.is_empty() {
            self.table.remove(id);
        }
    }

    /// Takes a run out; says whether the next one may be let in and nobody does it yet.
    pub(crate) fn leave(&mut self, id: &LaneId, run: RunId) -> bool {
        let Some(lane) = self.table.get_mut(id) else { return false };
        lane.queue.retain(|queued| *queued != run);
        if lane.running == Some(run) {
            lane.running = None;
        }
        if lane.running.is_none() && lane.queue.is_empty() && lane.work.is_none() {
            self.table.remove(id);
            return false;
        }
        lane.running.is_none() && lane.work.is_none()
    }
}
