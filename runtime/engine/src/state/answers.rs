//! What requests were answered, each for as long as its event is known.

use super::keys::EventKey;
use crate::EventNumber;
use crate::record::Responded;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Answers, each until a time.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    table: BTreeMap<EventKey, Answer>,
    order: BTreeSet<(i64, EventKey)>,
}

/// Answers as they are written down.
pub(super) type WrittenAnswers = BTreeMap<EventKey, Answer>;

/// An answer, and until when it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    until: i64,
    responded: Arc<Responded>,
}

impl Answers {
    /// What a request was answered.
    pub fn get(&self, key: EventKey) -> Option<&Arc<Responded>> {
        self.table.get(&key).map(|answer| &answer.responded)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub(crate) fn insert(&mut self, key: EventKey, until: i64, responded: Arc<Responded>) {
        if let Some(before) = self.table.insert(key, Answer { until, responded }) {
            self.order.remove(&(before.until, key));
        }
        self.order.insert((until, key));
    }

    /// The events that were answered.
    pub(super) fn events(&self) -> impl Iterator<Item = EventNumber> {
        self.table.values().map(|answer| answer.responded.event)
    }

    /// Forgets the answers to these.
    pub(super) fn forget(&mut self, events: &[EventNumber]) {
        self.table.retain(|_, answer| events.binary_search(&answer.responded.event).is_err());
        self.order.retain(|(_, key)| self.table.contains_key(key));
    }

    /// Forgets what is older.
    pub(crate) fn forget_until(&mut self, now: i64) {
        while self.order.first().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, key)) = self.order.pop_first() {
                self.table.remove(&key);
            }
        }
    }

    pub(super) fn written(&self) -> WrittenAnswers {
        self.table.clone()
    }

    pub(super) fn of(written: WrittenAnswers) -> Answers {
        let order = written.iter().map(|(key, answer)| (answer.until, *key)).collect();
        Answers { table: written, order }
    }
}
