//! Runs that live, and the index of what they wait for.

use super::ground::Ground;
use super::resting::{Indexed, Laid};
use super::table::Table;
use super::waits::Waits;
use crate::stored::{Operation, Place, Run, Stop};
use crate::{DeploymentId, Timer};
use carapace_effect::{OpId, RunId};
use carapace_store::Spot;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Runs by id. One at rest lies on the shelf; what it waits for is in memory all the same.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    pub(super) table: Table<Run>,
    waits: Waits,
    stops: BTreeMap<Stop, BTreeSet<RunId>>,
    /// Deadlines that wait for a channel.
    held: BTreeSet<(RunId, OpId)>,
    /// How many runs each deployment has.
    pinned: BTreeMap<DeploymentId, u64>,
    /// Timers of runs that have stopped resting.
    picked_up: Vec<(i64, Timer)>,
}

impl Runs {
    /// A run.
    pub fn get(&self, id: RunId) -> Option<&Run> {
        self.table.get(id)
    }

    /// All, by id. Those that rest are read for it.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, Run>> {
        self.table.iter().map(|(_, run)| run)
    }

    /// Those that do not rest, by id: all of which something is on its way, or may have happened.
    pub fn awake(&self) -> impl Iterator<Item = &Run> {
        self.table.warm().map(|(_, run)| run)
    }

    /// How many live.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether none lives.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ids from one to another, in order.
    pub fn between(&self, first: RunId, last: RunId) -> impl Iterator<Item = RunId> {
        self.table.keys_between(first, last)
    }

    /// Whether a run is pinned to this deployment.
    pub(crate) fn uses(&self, deployment: DeploymentId) -> bool {
        self.pinned.contains_key(&deployment)
    }

    /// How many runs are pinned to this deployment.
    pub(crate) fn pinned_to(&self, deployment: DeploymentId) -> usize {
        let pinned = self.pinned.get(&deployment).copied().unwrap_or_default();
        usize::try_from(pinned).unwrap_or(usize::MAX)
    }

    /// Those that something may be on its way for: they do not rest.
    pub(crate) fn unsettled(&self) -> Vec<RunId> {
        self.table.warm_keys()
    }

    /// Builds the tables anew, with full nodes.
    pub(super) fn compact(&mut self) {
        self.table.compact();
        self.waits.compact();
    }

    /// Who waits at these places, oldest first.
    pub fn waiting_at(&self, places: &[Place]) -> Vec<(RunId, OpId)> {
        self.waits.at(places)
    }

    /// The accounts on which something is waited for.
    pub(crate) fn accounts(&self) -> BTreeSet<Arc<str>> {
        self.waits.accounts()
    }

    /// Runs that this word cancels.
    pub fn stopped_by(&self, stop: &Stop) -> Vec<RunId> {
        self.stops.get(stop).into_iter().flatten().copied().collect()
    }

    /// Whether anything is waited for.
    pub fn has_waits(&self) -> bool {
        !self.waits.is_empty()
    }

    /// Whether any run can be cancelled by a word.
    pub fn has_stops(&self) -> bool {
        !self.stops.is_empty()
    }

    /// Deadlines that wait for a channel.
    pub(crate) fn held(&self) -> impl Iterator<Item = &(RunId, OpId)> {
        self.held.iter()
    }

    pub(crate) fn hold(&mut self, run: RunId, op: &OpId, waits: bool) {
        if waits {
            self.held.insert((run, op.clone()));
        } else {
            self.held.remove(&(run, op.clone()));
        }
    }

    pub(crate) fn get_mut(&mut self, id: RunId) -> Option<&mut Run> {
        if self.table.is_resting(id) {
            let timers = self.table.get(id)?.timers();
            self.picked_up.extend(timers);
        }
        self.table.get_mut(id)
    }

    /// Timers of runs that have stopped resting since the last call.
    pub(super) fn take_picked_up(&mut self) -> Vec<(i64, Timer)> {
        std::mem::take(&mut self.picked_up)
    }

    pub(crate) fn insert(&mut self, run: Run) {
        let laid = Laid::of(&run);
        self.table.insert(run.id, run);
        self.enter(&laid);
    }

    /// One that rests.
    pub(super) fn insert_resting(&mut self, laid: &Laid, spot: Spot) {
        self.table.insert_resting(laid.id, spot);
        self.enter(laid);
    }

    fn enter(&mut self, laid: &Laid) {
        *self.pinned.entry(laid.deployment).or_default() += 1;
        for stop in &laid.stops {
            self.stops.entry(stop.clone()).or_default().insert(laid.id);
        }
        for Indexed { op, opened, places, held } in &laid.waits {
            for place in places {
                self.waits.insert(place, (*opened, laid.id, op.clone()));
            }
            if *held {
                self.hold(laid.id, op, true);
            }
        }
    }

    /// Pins a run to another deployment.
    pub(super) fn pin(&mut self, id: RunId, deployment: DeploymentId) {
        let Some(run) = self.get_mut(id) else { return };
        let before = std::mem::replace(&mut run.deployment, deployment);
        *self.pinned.entry(deployment).or_default() += 1;
        self.unpin(before);
    }

    fn unpin(&mut self, deployment: DeploymentId) {
        if let Some(count) = self.pinned.get_mut(&deployment) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.pinned.remove(&deployment);
            }
        }
    }

    pub(crate) fn remove(&mut self, id: RunId) -> Option<Run> {
        let run = self.table.remove(id)?;
        self.unpin(run.deployment);
        for stop in &run.stops {
            let Some(runs) = self.stops.get_mut(stop) else { continue };
            runs.remove(&id);
            if runs.is_empty() {
                self.stops.remove(stop);
            }
        }
        Some(run)
    }

    pub(crate) fn register(&mut self, run: RunId, op: &OpId, operation: &Operation) {
        let (places, opened) = operation.places();
        for place in places {
            self.waits.insert(place, (opened, run, op.clone()));
        }
        if matches!(operation, Operation::Timer { held: Some(_), .. }) {
            self.hold(run, op, true);
        }
    }

    pub(crate) fn unregister(&mut self, run: RunId, op: &OpId, operation: &Operation) {
        if matches!(operation, Operation::Timer { held: Some(_), .. }) {
            self.hold(run, op, false);
        }
        let (places, opened) = operation.places();
        for place in places {
            self.waits.remove(place, &(opened, run, op.clone()));
        }
    }

    pub(super) fn of(written: Vec<Cow<'_, Run>>, now: u64, ground: Ground) -> Runs {
        let mut runs = Runs::default();
        runs.table.stand_on(ground);
        runs.table.now = now;
        for run in written {
            runs.insert(run.into_owned());
        }
        runs
    }

    /// Those that do not rest, to be written down.
    pub(super) fn written_warm(&self) -> Vec<Cow<'_, Run>> {
        self.table.warm().map(|(_, run)| Cow::Borrowed(run)).collect()
    }
}
