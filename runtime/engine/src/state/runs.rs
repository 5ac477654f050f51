//! Runs that live, and the index of what they wait for.

use crate::stored::{Operation, Place, Run, Stop};
use carapace_effect::{OpId, RunId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Runs by id.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Runs {
    pub(crate) table: BTreeMap<RunId, Box<Run>>,
    waits: BTreeMap<Place, BTreeSet<(u64, RunId, OpId)>>,
    stops: BTreeMap<Stop, BTreeSet<RunId>>,
    /// Deadlines that wait for a channel.
    held: BTreeSet<(RunId, OpId)>,
}

impl Runs {
    /// A run.
    pub fn get(&self, id: RunId) -> Option<&Run> {
        self.table.get(&id).map(|run| &**run)
    }

    /// All, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Run> {
        self.table.values().map(|run| &**run)
    }

    /// How many live.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether none lives.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Who waits at these places, oldest first.
    pub fn waiting_at(&self, places: &[Place]) -> Vec<(RunId, OpId)> {
        let mut found: BTreeSet<&(u64, RunId, OpId)> = BTreeSet::new();
        for place in places {
            found.extend(self.waits.get(place).into_iter().flatten());
        }
        found.into_iter().map(|(_, run, op)| (*run, op.clone())).collect()
    }

    /// The accounts on which something is waited for.
    pub(crate) fn accounts(&self) -> BTreeSet<Arc<str>> {
        self.waits.keys().filter_map(Place::account).cloned().collect()
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
        self.table.get_mut(&id).map(|run| &mut **run)
    }

    pub(crate) fn insert(&mut self, run: Run) {
        let places: Vec<_> = run.operations.iter().map(|(op, o)| (op.clone(), o.clone())).collect();
        let id = run.id;
        for stop in &run.stops {
            self.stops.entry(stop.clone()).or_default().insert(id);
        }
        self.table.insert(id, Box::new(run));
        for (op, operation) in &places {
            self.register(id, op, operation);
        }
    }

    pub(crate) fn remove(&mut self, id: RunId) -> Option<Run> {
        let run = *self.table.remove(&id)?;
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
            self.waits.entry(place.clone()).or_default().insert((opened, run, op.clone()));
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
            let Some(waits) = self.waits.get_mut(place) else { continue };
            waits.remove(&(opened, run, op.clone()));
            if waits.is_empty() {
                self.waits.remove(place);
            }
        }
    }
}
