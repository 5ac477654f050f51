//! What is due when.

use crate::Timer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Due times in order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timers {
    table: BTreeSet<(i64, Timer)>,
    /// Those of runs that rest, which a checkpoint finds with the runs.
    #[serde(skip)]
    resting: BTreeSet<(i64, Timer)>,
}

impl Timers {
    /// The first, and when it is due.
    pub fn first(&self) -> Option<&(i64, Timer)> {
        self.table.first().into_iter().chain(self.resting.first()).min()
    }

    /// All; those of runs that rest come last.
    pub fn iter(&self) -> impl Iterator<Item = &(i64, Timer)> {
        self.table.iter().chain(&self.resting)
    }

    /// Whether it is set for that time.
    pub fn contains(&self, due: i64, timer: &Timer) -> bool {
        let wanted = (due, timer.clone());
        self.table.contains(&wanted) || self.resting.contains(&wanted)
    }

    /// As if none rested.
    pub(crate) fn all_warm(&self) -> Timers {
        Timers { table: self.iter().cloned().collect(), resting: BTreeSet::new() }
    }

    /// Builds the table anew, with full nodes.
    pub(crate) fn compact(&mut self) {
        self.resting = std::mem::take(&mut self.resting).into_iter().collect();
    }

    /// A run rests whose timer that is.
    pub(crate) fn lay(&mut self, timer: (i64, Timer)) {
        self.table.remove(&timer);
        self.resting.insert(timer);
    }

    /// Its run rests no longer.
    pub(crate) fn pick_up(&mut self, timer: (i64, Timer)) {
        if self.resting.remove(&timer) {
            self.table.insert(timer);
        }
    }

    /// Those of runs that do not rest, and of everything else.
    pub(crate) fn warm(&self) -> Timers {
        Timers { table: self.table.clone(), resting: BTreeSet::new() }
    }

    pub(crate) fn set(&mut self, due: i64, timer: Timer) {
        self.table.insert((due, timer));
    }

    pub(crate) fn clear(&mut self, due: i64, timer: Timer) {
        let timer = (due, timer);
        if !self.table.remove(&timer) {
            self.resting.remove(&timer);
        }
    }
}
