//! How much of a session its agent is given, and what beside it: the window, summaries of what is put away, and pinned facts.
//!
//! Where the agent has summaries made, the older turns of a session that has outgrown its window stay until there is one, or
//! until nobody could make one. So that no failure makes a session grow for ever, at twice its window they are put away without.

use super::{KEPT, LARGEST_SESSION, MOST_BYTES, MOST_TURNS, Session, length};
use crate::record::Change;
use carapace_effect::{Pin, Recall, Remembered, SessionKey, Summary, Turn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// At so many times its window a session is put away without a summary.
const WITHOUT: usize = 2;

/// So many facts are pinned in one session.
pub const MOST_PINS: usize = 32;

/// A pinned fact has at most so many bytes.
pub const LARGEST_PIN: usize = 4 << 10;

/// A summary has at most so many bytes: what is more is cut off.
pub const LARGEST_SUMMARY: usize = 16 << 10;

/// What an agent's declaration says of how much it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Frame {
    /// `window`, in bytes of turns as they are written down; none: what holds for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<usize>,
    /// Whether what is put away is summed up.
    #[serde(default)]
    pub summaries: bool,
}

/// What is kept of a session beside its turns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Keeping {
    #[serde(default)]
    frame: Frame,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Due>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pins: Vec<Pin>,
    /// What came back of what was put away, and does not count for the window until something is put away again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    back: Option<Room>,
}

/// Turns that are to be summed up, or have been and wait to be put away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Due {
    through: u64,
    /// Whether it is known what came of it.
    done: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<Arc<str>>,
}

/// Turns, and bytes of turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Room {
    pub(super) turns: usize,
    pub(super) bytes: usize,
}

impl Keeping {
    pub(super) fn is_plain(&self) -> bool {
        *self == Keeping::default()
    }

    /// The window. Where the author says how many bytes, no number of turns does.
    fn window(&self) -> Room {
        let all = Room { turns: MOST_TURNS, bytes: MOST_BYTES };
        self.frame.window.map_or(all, |bytes| Room { turns: usize::MAX, bytes })
    }

    /// What a session has at most before something is put away, at so many times its window.
    pub(super) fn most(&self, times: usize) -> Room {
        let (window, back) = (self.window(), self.back.unwrap_or_default());
        let one = |window: usize, back: usize| window.saturating_mul(times).saturating_add(back);
        let bytes = one(window.bytes, back.bytes).min(LARGEST_SESSION);
        Room { turns: one(window.turns, back.turns), bytes }
    }

    /// What may stay when something is put away.
    pub(super) fn kept(&self) -> Room {
        let window = self.window();
        Room { turns: window.turns / KEPT, bytes: window.bytes / KEPT }
    }

    /// The turns up to a number are put away: gives their summary, where there is one.
    pub(super) fn put_away(&mut self, through: u64) -> Option<Summary> {
        self.back = None;
        // What was asked for is not waited for any more; what comes late is taken all the same.
        let due = self.due.take().filter(|due| due.done && due.through == through)?;
        due.summary.map(|text| Summary { through, text })
    }

    /// Somebody is forgotten: so is what they pinned, and what may be summed up of their words.
    pub(super) fn forget(&mut self, user: &str) {
        self.due = None;
        self.pins.retain(|pin| pin.by.as_deref() != Some(user));
    }
}

impl Session {
    /// What the agent's declaration said when somebody wrote last.
    pub fn frame(&self) -> Frame {
        self.keeping.frame
    }

    /// What is put away of it, in short.
    pub fn summary(&self) -> Option<&Summary> {
        match self.turns.first().map(|first| &first.turn) {
            Some(Turn::Compacted { summary, .. }) => summary.as_ref(),
            _ => None,
        }
    }

    /// Facts that are always given, the oldest first.
    pub fn pins(&self) -> &[Pin] {
        &self.keeping.pins
    }

    pub(super) fn pinned(&self) -> Vec<Arc<str>> {
        self.keeping.pins.iter().map(|pin| pin.fact.clone()).collect()
    }

    /// The number of the last turn that is to be summed up now, if anything is.
    pub(crate) fn overdue(&self) -> Option<u64> {
        if !self.keeping.frame.summaries || self.keeping.due.is_some() {
            return None;
        }
        let count = self.older(1)?;
        self.turns.get(count.checked_sub(1)?).map(|last| last.number)
    }

    /// Whether a summary of the turns up to a number is of use.
    pub(crate) fn awaits(&self, through: u64) -> bool {
        let due = self.keeping.due.as_ref();
        due.is_some_and(|due| due.through == through && !due.done) || self.is_late(through)
    }

    /// Whether those turns are put away by now, and no later summary is there.
    fn is_late(&self, through: u64) -> bool {
        through <= self.through() && self.summary().is_none_or(|summary| summary.through < through)
    }

    /// How many of its turns are to be put away now, if any.
    pub(crate) fn ripe(&self) -> Option<usize> {
        let Keeping { frame, due, .. } = &self.keeping;
        if let Some(due) = due.as_ref().filter(|due| due.done) {
            return Some(self.turns.iter().take_while(|turn| turn.number <= due.through).count())
                .filter(|count| *count > 0);
        }
        self.older(if frame.summaries { WITHOUT } else { 1 })
    }

    /// Who said something up to a turn, put away or not.
    pub(crate) fn speakers(&self, through: u64) -> BTreeSet<Arc<str>> {
        let here = self.turns.iter().filter(|turn| turn.number <= through);
        let said = here.filter_map(|remembered| match &remembered.turn {
            Turn::User { by, .. } => by.clone(),
            _ => None,
        });
        said.chain(self.people.iter().cloned()).collect()
    }

    /// What is to be summed up: the turns up to a number, an exchange after the other, and the note before them.
    pub(crate) fn recall_part(&self, key: &SessionKey, through: u64) -> Recall {
        let mut order: Vec<&carapace_effect::Exchange> = Vec::new();
        let mut turns: Vec<(usize, &Remembered)> = Vec::new();
        for remembered in self.turns.iter().filter(|turn| turn.number <= through) {
            let place = remembered.of.as_ref().map_or(0, |of| {
                let known = order.iter().position(|known| *known == of);
                known.unwrap_or_else(|| {
                    order.push(of);
                    order.len() - 1
                }) + 1
            });
            turns.push((place, remembered));
        }
        turns.sort_by_key(|(place, _)| *place);
        let turns = turns.into_iter().map(|(_, remembered)| remembered.clone()).collect();
        Recall { key: key.clone(), turns, pins: self.pinned() }
    }

    /// What was decided of what its agent is given.
    pub(crate) fn change(&mut self, at: i64, change: &Change) {
        match change {
            Change::Framed(frame) => self.keeping.frame = *frame,
            Change::Asked { through } => {
                self.keeping.due = Some(Due { through: *through, done: false, summary: None });
            }
            Change::Summed { through, summary } => self.summed(*through, summary.clone()),
            Change::Pinned { fact, by } => {
                self.keeping.pins.push(Pin { fact: fact.clone(), at, by: by.clone() });
            }
            Change::Unpinned { fact } => self.keeping.pins.retain(|pin| pin.fact != *fact),
            Change::Restored { archive, turns } => self.restore(at, archive, turns),
        }
    }

    fn summed(&mut self, through: u64, summary: Option<Arc<str>>) {
        if !self.is_late(through) {
            self.keeping.due = Some(Due { through, done: true, summary });
            return;
        }
        let made = summary.map(|text| Summary { through, text });
        if let (Some(made), Some(Remembered { turn: Turn::Compacted { summary, .. }, .. })) =
            (made, self.turns.first_mut())
        {
            *summary = Some(made);
            self.bytes = self.turns.iter().map(length).sum();
        }
    }

    /// The turns of the blob that was put away last stand where its note stood.
    fn restore(&mut self, at: i64, archive: &Arc<str>, turns: &[Remembered]) {
        let Some((last, rest)) = self.archives().split_last() else { return };
        let Some(first) = turns.iter().find(|turn| turn.of.is_some()).filter(|_| last == archive) else {
            return;
        };
        let before = turns.iter().find_map(|remembered| match &remembered.turn {
            Turn::Compacted { through, summary, .. } => Some((*through, summary.clone())),
            _ => None,
        });
        let (through, summary) = before.unwrap_or((first.number.saturating_sub(1), None));
        let note = (!rest.is_empty()).then(|| Remembered {
            number: through,
            at,
            of: None,
            turn: Turn::Compacted { through, archives: rest.to_vec(), summary },
        });
        if note.is_none() {
            self.people.clear();
        }
        let back: Vec<Remembered> = turns.iter().filter(|turn| turn.of.is_some()).cloned().collect();
        let before = self.keeping.back.unwrap_or_default();
        let room = Room {
            turns: before.turns.saturating_add(back.len()),
            bytes: before.bytes.saturating_add(back.iter().map(length).sum()),
        };
        self.turns.splice(..1, note.into_iter().chain(back));
        self.bytes = self.turns.iter().map(length).sum();
        self.keeping.due = None;
        self.keeping.back = Some(room);
    }
}
