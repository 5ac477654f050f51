//! Events that runs and debounces refer to.

use crate::Event;
use crate::EventNumber;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An event that was taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// What happened.
    pub event: Arc<Event>,
    /// When it was taken in.
    pub at: i64,
    uses: u32,
}

impl Taken {
    pub(crate) fn new(event: Arc<Event>, at: i64) -> Taken {
        Taken { event, at, uses: 0 }
    }
}

/// Events by number, as long as something refers to them. The latest stays until the next one comes: the line that
/// takes it in goes on to say what it starts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Events {
    last: u64,
    table: BTreeMap<u64, Taken>,
}

impl Events {
    /// The number that the next event gets.
    pub fn next(&self) -> EventNumber {
        EventNumber(self.last + 1)
    }

    /// An event.
    pub fn get(&self, number: EventNumber) -> Option<&Taken> {
        self.table.get(&number.0)
    }

    pub(crate) fn add(&mut self, number: EventNumber, event: Arc<Event>, at: i64) {
        if self.table.get(&self.last).is_some_and(|taken| taken.uses == 0) {
            self.table.remove(&self.last);
        }
        self.last = number.0;
        self.table.insert(number.0, Taken::new(event, at));
    }

    pub(crate) fn keep(&mut self, number: EventNumber) {
        if let Some(taken) = self.table.get_mut(&number.0) {
            taken.uses = taken.uses.saturating_add(1);
        }
    }

    pub(crate) fn release(&mut self, number: EventNumber) {
        let Some(taken) = self.table.get_mut(&number.0) else { return };
        taken.uses = taken.uses.saturating_sub(1);
        if taken.uses == 0 && number.0 != self.last {
            self.table.remove(&number.0);
        }
    }
}
