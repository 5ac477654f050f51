//! Events that runs and debounces refer to.

use super::ground::Ground;
use super::keys::EventKey;
use super::table::{Rests, Table};
use crate::record::Accepted;
use crate::{Event, EventKind, EventNumber};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
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
    /// How many of them are failed runs, which a person may have tried again.
    #[serde(default, skip_serializing_if = "is_zero")]
    failed: u32,
    /// What a request is recognised by when it comes again, so that its answer is found then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Arc<str>>,
    /// Until when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<i64>,
    /// Whether it was a request that has its answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    answered: bool,
    /// The event from outside that led to it, where it came from inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<EventNumber>,
}

impl Taken {
    pub(crate) fn new(event: Arc<Event>, at: i64) -> Taken {
        Taken { event, at, uses: 0, failed: 0, key: None, known: None, answered: false, root: None }
    }

    /// The event from outside that led to it, where it came from inside.
    pub(crate) fn root(&self) -> Option<EventNumber> {
        self.root
    }

    /// Whether it was a request that has its answer.
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// Whether it is a request that something may still answer.
    pub fn is_open(&self) -> bool {
        let request = matches!(self.event.kind, EventKind::Webhook { .. });
        request && !self.answered && self.uses > self.failed
    }
}

/// Events by number, as long as something refers to them. The latest stays until the next one comes: the line that
/// takes it in goes on to say what it starts.
#[derive(Debug, Clone, Default)]
pub struct Events {
    pub(super) last: u64,
    pub(super) table: Table<Taken>,
    /// Requests that nothing answers any more, since they were last taken.
    left: Vec<EventNumber>,
}

/// Events as they are written down.
#[derive(Serialize, Deserialize)]
pub(super) struct WrittenEvents<'a> {
    last: u64,
    table: BTreeMap<u64, Cow<'a, Taken>>,
}

/// An event that rests, as the shelf has it.
#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    event: u64,
    body: Cow<'a, Taken>,
}

impl Rests for Taken {
    type Key = u64;

    fn is_at_rest(&self) -> bool {
        // What nothing refers to goes with the next event.
        self.uses > 0
    }

    fn entry(&self, key: u64) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Entry { event: key, body: Cow::Borrowed(self) })
    }

    fn of_entry(entry: &[u8]) -> Result<Taken, serde_json::Error> {
        serde_json::from_slice::<Entry<'_>>(entry).map(|entry| entry.body.into_owned())
    }
}

impl Events {
    /// The number that the next event gets.
    pub fn next(&self) -> EventNumber {
        EventNumber(self.last + 1)
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them. Those that rest are read for it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (EventNumber, Cow<'_, Taken>)> {
        self.table.iter().map(|(number, taken)| (EventNumber(number), taken))
    }

    /// Whether it is kept.
    pub(super) fn has(&self, number: EventNumber) -> bool {
        self.table.has(number.0)
    }

    /// Forgets those of these that nothing refers to.
    pub(super) fn forget(&mut self, events: &[EventNumber]) {
        for event in events {
            if self.table.get(event.0).is_some_and(|taken| taken.uses == 0) {
                self.table.remove(event.0);
            }
        }
    }

    /// All of them, to be written down.
    pub(super) fn written(&self) -> WrittenEvents<'_> {
        WrittenEvents { last: self.last, table: self.table.iter().collect() }
    }

    /// Those that do not rest, to be written down.
    pub(super) fn written_warm(&self) -> WrittenEvents<'_> {
        let table = self.table.warm().map(|(number, taken)| (number, Cow::Borrowed(taken)));
        WrittenEvents { last: self.last, table: table.collect() }
    }

    pub(super) fn of(written: WrittenEvents<'_>, now: u64, ground: Ground) -> Events {
        let mut events = Events { last: written.last, table: Table::default(), left: Vec::new() };
        events.table.stand_on(ground);
        events.table.now = now;
        for (number, taken) in written.table {
            events.table.insert(number, taken.into_owned());
        }
        events
    }

    /// An event.
    pub fn get(&self, number: EventNumber) -> Option<&Taken> {
        self.table.get(number.0)
    }

    /// The event from outside that led to this one, or was it.
    pub(crate) fn root(&self, number: EventNumber) -> EventNumber {
        self.get(number).and_then(|taken| taken.root).unwrap_or(number)
    }

    /// A request has its answer; gives what it is recognised by when it comes again, and until when.
    pub(crate) fn answer(&mut self, number: EventNumber) -> Option<(EventKey, i64)> {
        let taken = self.table.get_mut(number.0)?;
        taken.answered = true;
        let key = taken.key.as_deref().map(EventKey::of)?;
        // Before times were kept with the event, each was known for seven days.
        Some((key, taken.known.unwrap_or(taken.at.saturating_add(7 * 86_400_000))))
    }

    pub(crate) fn add(&mut self, accepted: &Accepted) {
        let number = accepted.number;
        if self.table.get(self.last).is_some_and(|taken| taken.uses == 0) {
            self.table.remove(self.last);
        }
        self.last = number.0;
        // Only of a request it is told what became of it: of anything else the key is of use where all of them are kept.
        let request = accepted.event.is_asked();
        let seen = accepted.seen.as_ref().filter(|_| request);
        let taken = Taken {
            key: seen.map(|seen| seen.key.clone()),
            known: seen.map(|seen| seen.until),
            root: accepted.root,
            ..Taken::new(accepted.event.clone(), accepted.at)
        };
        self.table.insert(number.0, taken);
    }

    pub(crate) fn keep(&mut self, number: EventNumber) {
        if let Some(taken) = self.table.get_mut(number.0) {
            taken.uses = taken.uses.saturating_add(1);
        }
    }

    /// A run failed that a person may have tried again.
    pub(crate) fn keep_failed(&mut self, number: EventNumber) {
        self.keep(number);
        if let Some(taken) = self.table.get_mut(number.0) {
            taken.failed = taken.failed.saturating_add(1);
        }
    }

    pub(crate) fn release(&mut self, number: EventNumber) {
        let Some(taken) = self.table.get_mut(number.0) else { return };
        let open = taken.is_open();
        taken.uses = taken.uses.saturating_sub(1);
        if open && !taken.is_open() {
            self.left.push(number);
        }
        if taken.uses == 0 && number.0 != self.last {
            self.table.remove(number.0);
        }
    }

    pub(crate) fn release_failed(&mut self, number: EventNumber) {
        if let Some(taken) = self.table.get_mut(number.0) {
            taken.failed = taken.failed.saturating_sub(1);
        }
        self.release(number);
    }

    /// What a request is recognised by when it comes again, where it has an id.
    pub(crate) fn request_key(&self, number: EventNumber) -> Option<EventKey> {
        self.get(number)?.key.as_deref().map(EventKey::of)
    }

    /// Requests that nothing answers any more, since the last call.
    pub(crate) fn take_left(&mut self) -> Vec<EventNumber> {
        std::mem::take(&mut self.left)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde asks with")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
