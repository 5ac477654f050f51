//! What is due when.

use crate::Timer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Due times in order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timers {
    table: BTreeSet<(i64, Timer)>,
}

impl Timers {
    /// The first, and when it is due.
    pub fn first(&self) -> Option<&(i64, Timer)> {
        self.table.first()
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &(i64, Timer)> {
        self.table.iter()
    }

    /// Whether it is set for that time.
    pub fn contains(&self, due: i64, timer: &Timer) -> bool {
        self.table.contains(&(due, timer.clone()))
    }

    pub(crate) fn set(&mut self, due: i64, timer: Timer) {
        self.table.insert((due, timer));
    }

    pub(crate) fn clear(&mut self, due: i64, timer: Timer) {
        self.table.remove(&(due, timer));
    }
}
