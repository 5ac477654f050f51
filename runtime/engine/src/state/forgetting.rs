//! What the state keeps of a person, and drops.

use super::State;
use crate::forget::Trace;
use crate::record::{Forgetting, Forgot};
use crate::{ActId, EventNumber, Key, Timer};
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Who is being forgotten, and when somebody was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forgettings {
    /// The line that says whom to forget, and it, while the journal still holds something of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) under_way: Option<(u64, Box<Forgetting>)>,
    /// The last line that said so: what stands before it may have tombstones in it.
    pub last: u64,
    /// The line that says that the last one is forgotten. A checkpoint from before it still names them.
    pub(crate) done: u64,
}

/// What the state keeps of a person.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) values: Vec<(Arc<str>, Key)>,
    pub(crate) letters: Vec<ActId>,
    pub(crate) sent: usize,
}

impl Forgettings {
    /// Whether somebody is being forgotten.
    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    pub(super) fn is_nothing(&self) -> bool {
        *self == Forgettings::default()
    }
}

impl State {
    /// What there is to drop of what was found: as little as evolving needs, as a journal may tell of more than one line
    /// holds.
    pub(crate) fn forgetting_of(&self, trace: &Trace, at: i64) -> Forgetting {
        let finished = self.finished.iter().map(|summary| summary.run);
        let failed = self.failed.iter().map(|kept| kept.summary.run);
        let acts = self.outbox.letters().map(|letter| &letter.act);
        let acts = acts.chain(self.outbox.sent().map(|sent| &sent.act)).map(|act| act.run);
        let named: BTreeSet<RunId> = finished.chain(failed).chain(acts).collect();
        let answered: BTreeSet<EventNumber> = self.answers.events().collect();
        let there = |event: &&EventNumber| self.events.has(**event) || answered.contains(event);
        Forgetting {
            named: trace.named.clone(),
            at,
            runs: trace.runs.intersection(&named).copied().collect(),
            events: trace.events.iter().filter(there).copied().collect(),
            deduped: trace.deduped.iter().cloned().collect(),
        }
    }

    /// What is kept of a person, beside what only a journal tells.
    pub(crate) fn kept_of(&self, forgetting: &Forgetting) -> Kept {
        let (named, runs) = (&forgetting.named, &forgetting.runs);
        let keys = |state: &Arc<str>| {
            let keys = self.values.of(state).map(|(key, _)| key).filter(|key| named.is_in_key(key));
            keys.map(|key| (state.clone(), key.clone())).collect::<Vec<_>>()
        };
        let letters = self.outbox.letters();
        let theirs = letters.filter(|l| named.is_in_letter(l) || runs.binary_search(&l.act.run).is_ok());
        let sent = |m: &&super::SentMessage| named.receives(&m.to) || runs.binary_search(&m.act.run).is_ok();
        Kept {
            values: self.values.names().flat_map(keys).collect(),
            letters: theirs.map(|letter| letter.act.clone()).collect(),
            sent: self.outbox.sent().filter(sent).count(),
        }
    }

    pub(super) fn forgetting(&mut self, forgetting: &Forgetting) {
        let kept = self.kept_of(forgetting);
        for (state, key) in kept.values {
            if let Some(until) = self.values.get(&state, &key).and_then(|cell| cell.until) {
                self.timers.clear(until, Timer::Forget { state: state.clone(), key: key.clone() });
            }
            self.values.forget(&state, &key);
        }
        let Forgetting { named, runs, events, deduped, .. } = forgetting;
        self.regulation.forget(named, deduped);
        self.talks.forget(named);
        self.sessions.forget(named);
        self.ledger.forget(named);
        self.finished.forget(runs);
        for event in self.failed.forget(runs) {
            self.events.release_failed(event);
        }
        let waiting = self.regulation.debounces.iter();
        let waiting = waiting.filter(|(_, waiting)| events.binary_search(&waiting.event).is_ok());
        for key in waiting.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.end_debounce(&key);
        }
        self.answers.forget(events);
        self.events.forget(events);
        for (timer, due) in self.outbox.forget(named, runs, &kept.letters) {
            self.timers.clear(due, timer);
        }
        self.forgettings.under_way = Some((self.sequence, Box::new(forgetting.clone())));
        self.forgettings.last = self.sequence;
    }

    pub(super) fn forgot(&mut self, forgot: &Forgot) {
        if self.forgettings.under_way.as_ref().is_some_and(|(line, _)| *line == forgot.line) {
            self.forgettings.under_way = None;
            self.sessions.removed();
            self.forgettings.done = self.sequence;
        }
    }
}
