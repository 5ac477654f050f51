//! `limit`, `dedupe`, `debounce`.

use super::SeenTable;
use crate::forget::Named;
use crate::{EventNumber, Key};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// A limit of a flow, under a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    /// The flow.
    pub flow: Arc<str>,
    /// Its n-th limit.
    pub limit: u32,
    /// `by`.
    pub key: Key,
}

/// An event that waits for silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debouncing {
    /// Which of the flow's triggers.
    pub trigger: u32,
    /// The event.
    pub event: EventNumber,
    /// When the silence is long enough.
    pub due: i64,
}

/// What regulates how often flows start.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Regulation {
    /// Starts that count, each until a time.
    #[serde(with = "crate::pairs")]
    rolling: BTreeMap<Window, VecDeque<i64>>,
    /// When each of `rolling` may be looked at again.
    expiry: BTreeSet<(i64, Window)>,
    /// How many runs live.
    #[serde(with = "crate::pairs")]
    living: BTreeMap<Window, u32>,
    /// `dedupe`: flow and key.
    pub dedupe: SeenTable,
    /// Events that wait for silence.
    #[serde(with = "crate::pairs")]
    pub debounces: BTreeMap<(Arc<str>, Key), Debouncing>,
    /// How much events from outside have set off, each until a time.
    #[serde(with = "crate::pairs")]
    chains: BTreeMap<EventNumber, Chain>,
    /// When each of `chains` may be forgotten.
    ends: BTreeSet<(i64, EventNumber)>,
}

/// What an event has set off inside: events that runs emitted, and runs that runs started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Chain {
    count: u32,
    until: i64,
}

/// So much one event may set off …
const CHAIN: u32 = 10_000;

/// … within so many milliseconds. Flows that set off one another go in circles otherwise, as fast as they can.
const CHAIN_TIME: i64 = 60_000;

impl Regulation {
    /// How many starts count at `now`.
    pub fn counted(&self, window: &Window, now: i64) -> usize {
        self.rolling.get(window).map_or(0, |starts| starts.iter().filter(|until| **until > now).count())
    }

    /// How many runs live.
    pub fn living(&self, window: &Window) -> u32 {
        self.living.get(window).copied().unwrap_or_default()
    }

    pub(crate) fn count(&mut self, window: Window, until: i64) {
        let starts = self.rolling.entry(window.clone()).or_default();
        if starts.is_empty() {
            self.expiry.insert((until, window));
        }
        starts.push_back(until);
    }

    pub(crate) fn forget_until(&mut self, now: i64) {
        self.dedupe.forget_until(now);
        while self.ends.first().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, root)) = self.ends.pop_first() {
                self.chains.remove(&root);
            }
        }
        while self.expiry.first().is_some_and(|(until, _)| *until <= now) {
            let Some((_, window)) = self.expiry.pop_first() else { return };
            let Some(starts) = self.rolling.get_mut(&window) else { continue };
            starts.retain(|until| *until > now);
            match starts.front() {
                Some(until) => {
                    self.expiry.insert((*until, window));
                }
                None => {
                    self.rolling.remove(&window);
                }
            }
        }
    }

    /// Forgets how often somebody started something, and what their events were recognised by.
    pub(super) fn forget(&mut self, named: &Named, deduped: &[Arc<str>]) {
        self.rolling.retain(|window, _| !named.is_in_key(&window.key));
        self.expiry.retain(|(_, window)| !named.is_in_key(&window.key));
        deduped.iter().for_each(|key| self.dedupe.remove(key));
    }

    /// Whether the event may set off as much more.
    pub(crate) fn may_set_off(&self, root: EventNumber, more: u32, now: i64) -> bool {
        let chain = self.chains.get(&root).filter(|chain| chain.until > now);
        chain.map_or(0, |chain| chain.count).saturating_add(more) < CHAIN
    }

    /// The event has set something off.
    pub(crate) fn set_off(&mut self, root: EventNumber, at: i64) {
        let begun = Chain { count: 0, until: at.saturating_add(CHAIN_TIME) };
        let chain = self.chains.entry(root).or_insert(begun);
        if chain.until <= at {
            self.ends.remove(&(chain.until, root));
            *chain = begun;
        }
        if chain.count == 0 {
            self.ends.insert((chain.until, root));
        }
        chain.count = chain.count.saturating_add(1);
    }

    /// How many entries it holds in all: for those who watch that it does not grow.
    pub fn len(&self) -> usize {
        let rolling: usize = self.rolling.values().map(VecDeque::len).sum();
        rolling + self.living.len() + self.dedupe.len() + self.debounces.len() + self.chains.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn born(&mut self, window: Window) {
        *self.living.entry(window).or_default() += 1;
    }

    pub(crate) fn gone(&mut self, window: &Window) {
        let Some(living) = self.living.get_mut(window) else { return };
        *living = living.saturating_sub(1);
        if *living == 0 {
            self.living.remove(window);
        }
    }
}
