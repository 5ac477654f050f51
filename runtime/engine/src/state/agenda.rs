//! What is to be done at once, in order. It is state, so that a crash between two lines forgets none of it.

use crate::{Event, EventNumber, LaneId};
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A piece of work that nobody outside has to ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// A run can go on.
    Advance {
        /// Which.
        run: RunId,
    },
    /// A lane is free and somebody waits in it.
    Lane {
        /// Which.
        lane: LaneId,
    },
    /// Something of an account may be sent.
    Outbox {
        /// Which.
        account: Arc<str>,
    },
    /// An event that came from inside: emitted by a run, or a run's failure.
    Dispatch {
        /// What happened.
        event: Arc<Event>,
        /// The event from outside that led to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        root: Option<EventNumber>,
    },
}

/// Work in the order in which it came up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Agenda {
    next: u64,
    table: BTreeMap<u64, Work>,
}

impl Agenda {
    /// The first piece.
    pub fn first(&self) -> Option<(u64, &Work)> {
        self.table.first_key_value().map(|(number, work)| (*number, work))
    }

    /// A piece by its number.
    pub fn get(&self, number: u64) -> Option<&Work> {
        self.table.get(&number)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub(crate) fn push(&mut self, work: Work) -> u64 {
        let number = self.next;
        self.next += 1;
        self.table.insert(number, work);
        number
    }

    pub(crate) fn remove(&mut self, number: u64) {
        self.table.remove(&number);
    }
}
