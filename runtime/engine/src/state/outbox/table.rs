//! The table: lanes by destination, accounts, letters.

use super::{Pace, SentMessage};
use crate::stored::{Letter, LetterState, Staleness};
use crate::{ActId, Destination};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Letters that are kept; the oldest leave.
const LETTERS: usize = 500;

/// Beginnings of messages that a digest repeats, the latest.
const REPEATED: usize = 5;

/// Everything that is on its way out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Outbox {
    next: u64,
    #[serde(with = "crate::pairs")]
    lanes: BTreeMap<Destination, OutboxLane>,
    accounts: BTreeMap<Arc<str>, Account>,
    staleness: BTreeMap<Arc<str>, Staleness>,
    letters: VecDeque<Letter>,
    pub(super) sent: VecDeque<SentMessage>,
    /// How much went where lately.
    #[serde(default)]
    pub pace: Pace,
    /// How many letters were forgotten because there were too many.
    pub forgotten: u64,
    waiting: usize,
}

/// Messages to one place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OutboxLane {
    /// Those that have not left, in order.
    pub waiting: VecDeque<Entry>,
    /// Those that a performer has; more than one only where a person or a crash sent one again.
    pub flying: Vec<ActId>,
    /// Nothing goes there for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
    /// What waited too long, and nobody there knows of yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// Under which number it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ready: Option<u64>,
}

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the order of all.
    pub number: u64,
    /// Which.
    pub act: ActId,
    /// Since when, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// Nothing goes somewhere for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Until when.
    pub due: i64,
    /// How often in a row it was tried in vain.
    pub tries: u32,
    /// Whether its time has come, and the next that goes shows whether it is over.
    pub over: bool,
}

/// What waited too long, of one lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// How many.
    pub count: u64,
    /// Since when the first of them waited.
    pub since: i64,
    /// How the last of them begin.
    pub texts: VecDeque<Arc<str>>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Account {
    /// How many messages a performer has.
    pub flying: u32,
    /// Lanes whose first message may go, by its number.
    ready: BTreeSet<(u64, Destination)>,
    /// Its channel takes nothing now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<Away>,
    /// Whether the agenda has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) scheduled: bool,
}

/// A channel takes nothing now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// Since when, in milliseconds since 1970 UTC.
    pub since: i64,
    /// Why, for a person.
    pub why: Arc<str>,
    /// When it is tried again.
    pub pause: Pause,
}

impl Outbox {
    /// Messages of one account that performers have at the same time, at most.
    pub const WINDOW: u32 = 64;

    /// How many messages wait, that have not left.
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Messages to a place.
    pub fn lane(&self, to: &Destination) -> Option<&OutboxLane> {
        self.lanes.get(to)
    }

    /// All places something is on its way to.
    pub fn lanes(&self) -> impl Iterator<Item = (&Destination, &OutboxLane)> {
        self.lanes.iter()
    }

    /// An account something is on its way from.
    pub fn account(&self, account: &str) -> Option<&Account> {
        self.accounts.get(account)
    }

    /// All accounts that something is on its way from.
    pub fn accounts(&self) -> impl Iterator<Item = (&Arc<str>, &Account)> {
        self.accounts.iter()
    }

    /// What becomes of messages of an account that waited too long.
    pub fn staleness(&self, account: &str) -> Staleness {
        self.staleness.get(account).copied().unwrap_or_default()
    }

    pub(in crate::state) fn set_staleness(&mut self, account: &Arc<str>, staleness: Staleness) {
        self.staleness.insert(account.clone(), staleness);
    }

    /// Messages that no run waits for, oldest first.
    pub fn letters(&self) -> impl Iterator<Item = &Letter> {
        self.letters.iter()
    }

    /// One of them.
    pub fn letter(&self, act: &ActId) -> Option<&Letter> {
        self.letters.iter().find(|letter| letter.act == *act)
    }

    /// Lanes of an account whose first message may go, the oldest first, and as many as may.
    pub fn ready(&self, account: &str) -> impl Iterator<Item = (&Destination, &OutboxLane)> {
        let account = self.accounts.get(account);
        let most = usize::try_from(account.map_or(0, Account::capacity)).unwrap_or_default();
        let ready = account.into_iter().flat_map(|account| &account.ready).take(most);
        ready.filter_map(|(_, to)| self.lanes.get_key_value(to))
    }

    /// Whether a message to this place may go at once.
    pub fn is_free(&self, to: &Destination, more: u32) -> bool {
        let free = self.lanes.get(to).is_none_or(|lane| {
            lane.flying.is_empty() && lane.waiting.is_empty() && lane.pause.is_none() && lane.held.is_none()
        });
        let account = self.accounts.get(&**to.account());
        free && account.map_or(Outbox::WINDOW, Account::capacity) > more
    }

    /// Whether something waits that goes on by itself, soon.
    pub fn is_moving(&self) -> bool {
        self.accounts.values().any(|account| account.away.is_none() && !account.ready.is_empty())
    }

    pub(super) fn enqueue(&mut self, to: &Destination, act: ActId, at: i64) {
        let number = self.next;
        self.next += 1;
        self.waiting += 1;
        let lane = self.lanes.entry(to.clone()).or_default();
        lane.waiting.push_back(Entry { number, act, at });
        self.refresh(to);
    }

    /// A performer has it.
    pub(super) fn begin(&mut self, to: &Destination, act: &ActId) {
        self.take_out(to, act);
        let lane = self.lanes.entry(to.clone()).or_default();
        if !lane.flying.contains(act) {
            lane.flying.push(act.clone());
            self.accounts.entry(to.account().clone()).or_default().flying += 1;
        }
        self.refresh(to);
    }

    /// It has come to something, or nobody waits for it any more.
    pub(super) fn land(&mut self, to: &Destination, act: &ActId) {
        self.take_out(to, act);
        if let Some(lane) = self.lanes.get_mut(to)
            && let Some(at) = lane.flying.iter().position(|flying| flying == act)
        {
            lane.flying.swap_remove(at);
            if let Some(account) = self.accounts.get_mut(to.account()) {
                account.flying = account.flying.saturating_sub(1);
            }
        }
        self.refresh(to);
    }

    /// A performer gave it back: it is the first again.
    pub(super) fn give_back(&mut self, to: &Destination, act: &ActId, at: i64) {
        self.land(to, act);
        let lane = self.lanes.entry(to.clone()).or_default();
        // Before all that wait there; numbers only order what is of different lanes.
        let number = lane.waiting.front().map_or(self.next, |first| first.number);
        lane.waiting.push_front(Entry { number, act: act.clone(), at });
        self.waiting += 1;
        self.refresh(to);
    }

    fn take_out(&mut self, to: &Destination, act: &ActId) {
        let Some(lane) = self.lanes.get_mut(to) else { return };
        let Some(at) = lane.waiting.iter().position(|entry| entry.act == *act) else { return };
        lane.waiting.remove(at);
        self.waiting = self.waiting.saturating_sub(1);
    }

    pub(super) fn pause(&mut self, to: &Destination, pause: Option<Pause>) -> Option<Pause> {
        let before = match pause {
            Some(pause) => self.lanes.entry(to.clone()).or_default().pause.replace(pause),
            None => self.lanes.get_mut(to).and_then(|lane| lane.pause.take()),
        };
        self.refresh(to);
        before
    }

    pub(super) fn set_away(&mut self, account: &Arc<str>, away: Option<Away>) -> Option<Away> {
        let before = match away {
            Some(away) => self.accounts.entry(account.clone()).or_default().away.replace(away),
            None => self.accounts.get_mut(account).and_then(|account| account.away.take()),
        };
        self.tidy(account);
        before
    }

    pub(super) fn account_mut(&mut self, account: &str) -> Option<&mut Account> {
        self.accounts.get_mut(account)
    }

    pub(super) fn hold(&mut self, to: &Destination, at: i64, text: &Arc<str>) {
        let lane = self.lanes.entry(to.clone()).or_default();
        let held = lane.held.get_or_insert_with(|| Held { count: 0, since: at, texts: VecDeque::new() });
        held.count += 1;
        held.since = held.since.min(at);
        if held.texts.len() == REPEATED {
            held.texts.pop_front();
        }
        held.texts.push_back(text.clone());
        self.refresh(to);
    }

    pub(super) fn tell_held(&mut self, to: &Destination) {
        if let Some(lane) = self.lanes.get_mut(to) {
            lane.held = None;
        }
        self.refresh(to);
    }

    /// How what is held back begins is not told any more, only how much it is.
    pub(super) fn hide_held(&mut self, to: &Destination) {
        if let Some(held) = self.lanes.get_mut(to).and_then(|lane| lane.held.as_mut()) {
            held.texts.clear();
        }
    }

    /// Keeps a letter, in the place of an earlier one of the same name.
    pub(super) fn keep(&mut self, letter: Letter) {
        if let Some(there) = self.letters.iter_mut().find(|there| there.act == letter.act) {
            *there = letter;
            return;
        }
        if self.letters.len() >= LETTERS
            && let Some(oldest) = self.letters.iter().position(|l| l.state != LetterState::Sending)
        {
            self.letters.remove(oldest);
            self.forgotten += 1;
        }
        self.letters.push_back(letter);
    }

    pub(super) fn discard(&mut self, act: &ActId) -> Option<Letter> {
        let at = self.letters.iter().position(|letter| letter.act == *act)?;
        self.letters.remove(at)
    }

    /// Says anew whether a lane is ready, and forgets it where there is nothing in it.
    fn refresh(&mut self, to: &Destination) {
        let Some(lane) = self.lanes.get_mut(to) else { return };
        let ready = lane.first_ready();
        if ready != lane.ready {
            let account = self.accounts.entry(to.account().clone()).or_default();
            if let Some(before) = std::mem::replace(&mut lane.ready, ready) {
                account.ready.remove(&(before, to.clone()));
            }
            if let Some(now) = ready {
                account.ready.insert((now, to.clone()));
            }
        }
        if *lane == OutboxLane::default() {
            self.lanes.remove(to);
        }
        self.tidy(to.account());
    }

    fn tidy(&mut self, account: &str) {
        if self.accounts.get(account).is_some_and(|here| *here == Account::default()) {
            self.accounts.remove(account);
        }
    }
}

impl OutboxLane {
    fn first_ready(&self) -> Option<u64> {
        if !self.flying.is_empty() || self.pause.as_ref().is_some_and(|pause| !pause.over) {
            return None;
        }
        match self.waiting.front() {
            Some(first) => Some(first.number),
            None => self.held.as_ref().map(|_| 0),
        }
    }
}

impl Account {
    /// How many more messages a performer may have.
    pub fn capacity(&self) -> u32 {
        match &self.away {
            // One shows whether the channel is back.
            Some(away) => u32::from(away.pause.over && self.flying == 0),
            None => Outbox::WINDOW.saturating_sub(self.flying),
        }
    }

    pub(super) fn has_work(&self) -> bool {
        !self.ready.is_empty() && self.capacity() > 0
    }
}
