//! What became of requests that have an id: what they started and what they were answered, each for as long as its event is known.

use super::keys::EventKey;
use crate::EventNumber;
use crate::record::Responded;
use carapace_effect::RunId;
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

/// What became of a request, and until when it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    until: i64,
    /// The event that it was taken in as; one that is older than this member has an answer, which says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<EventNumber>,
    /// What its body is told from others by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<EventKey>,
    /// The runs that it started, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    runs: Vec<RunId>,
    /// What it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    responded: Option<Arc<Responded>>,
}

impl Answer {
    /// The event that the request was taken in as.
    pub fn event(&self) -> Option<EventNumber> {
        self.event.or_else(|| self.responded.as_ref().map(|responded| responded.event))
    }

    /// The runs that it started, in order.
    pub fn runs(&self) -> &[RunId] {
        &self.runs
    }

    /// What it was answered.
    pub fn responded(&self) -> Option<&Arc<Responded>> {
        self.responded.as_ref()
    }

    /// Whether a request with this body is another one.
    pub fn is_of_another(&self, body: EventKey) -> bool {
        self.body.is_some_and(|known| known != body)
    }
}

impl Answers {
    /// What became of a request.
    pub fn get(&self, key: EventKey) -> Option<&Answer> {
        self.table.get(&key)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// A request was taken in.
    pub(crate) fn open(&mut self, key: EventKey, until: i64, event: EventNumber, body: EventKey) {
        let (event, body) = (Some(event), Some(body));
        self.insert(key, Answer { until, event, body, runs: Vec::new(), responded: None });
    }

    /// It started a run.
    pub(crate) fn started(&mut self, key: EventKey, run: RunId) {
        if let Some(answer) = self.table.get_mut(&key) {
            answer.runs.push(run);
        }
    }

    /// It has its answer.
    pub(crate) fn respond(&mut self, key: EventKey, until: i64, responded: Arc<Responded>) {
        match self.table.get_mut(&key) {
            Some(answer) => answer.responded = Some(responded),
            None => {
                let responded = Some(responded);
                self.insert(key, Answer { until, event: None, body: None, runs: Vec::new(), responded });
            }
        }
    }

    fn insert(&mut self, key: EventKey, answer: Answer) {
        let until = answer.until;
        if let Some(before) = self.table.insert(key, answer) {
            self.order.remove(&(before.until, key));
        }
        self.order.insert((until, key));
    }

    /// The events that they were.
    pub(super) fn events(&self) -> impl Iterator<Item = EventNumber> {
        self.table.values().filter_map(Answer::event)
    }

    /// Forgets what became of these.
    pub(super) fn forget(&mut self, events: &[EventNumber]) {
        let theirs =
            |answer: &Answer| answer.event().is_some_and(|event| events.binary_search(&event).is_ok());
        self.table.retain(|_, answer| !theirs(answer));
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
