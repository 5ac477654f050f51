//! What failed runs started from, for a while: so that a person who has mended what was wrong can have them tried again.

use super::Summary;
use crate::stored::{End, Entry, Run};
use crate::{DeploymentId, EventNumber};
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many are kept.
const COUNT: usize = 1_000;

/// How long, in milliseconds: seven days.
const WHILE: i64 = 7 * 86_400_000;

/// Bytes of events and arguments that are kept for them at most, as JSON.
const BYTES: u64 = 64 << 20;

/// A run that failed, and what it started from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// How it ended.
    pub summary: Summary,
    /// The deployment it was pinned to.
    pub deployment: DeploymentId,
    /// The event it was about.
    pub event: Option<EventNumber>,
    /// The run that started it.
    pub parent: Option<RunId>,
    /// Who called it from outside, by the name of their token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Arc<str>>,
    /// Where its code began; none once it was tried again.
    pub entry: Option<Entry>,
    /// The run that tried it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<RunId>,
    bytes: u64,
}

/// Runs that failed, oldest first. Each keeps its event.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Failed {
    last: VecDeque<Kept>,
    bytes: u64,
}

/// Whether a run that ended so has failed.
pub(super) fn is_failure(end: &End) -> bool {
    matches!(end, End::Failed(_) | End::Fault(_))
}

impl Failed {
    /// One of them.
    pub fn get(&self, run: RunId) -> Option<&Kept> {
        self.last.iter().find(|kept| kept.summary.run == run)
    }

    /// Oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Kept> {
        self.last.iter()
    }

    /// Keeps one; gives the events that are kept no longer, as others had to go for it.
    pub(super) fn keep(&mut self, run: Run, summary: Summary, event_bytes: u64) -> Vec<EventNumber> {
        let arguments = match &run.entry {
            Entry::Call { args } => args.iter().map(|arg| arg.0.size()).sum(),
            Entry::Trigger { .. } | Entry::Otherwise { .. } => 0_u64,
        };
        let bytes = event_bytes.saturating_add(arguments);
        self.bytes = self.bytes.saturating_add(bytes);
        self.last.push_back(Kept {
            summary,
            deployment: run.deployment,
            event: run.event,
            parent: run.parent,
            by: run.by,
            entry: Some(run.entry),
            again: None,
            bytes,
        });
        let mut gone = Vec::new();
        while self.last.len() > COUNT || self.bytes > BYTES {
            gone.extend(self.forget_first());
        }
        gone
    }

    /// Forgets those that failed too long ago; gives their events.
    pub(super) fn forget_until(&mut self, now: i64) -> Vec<EventNumber> {
        let mut gone = Vec::new();
        while self.last.front().is_some_and(|kept| kept.summary.at.saturating_add(WHILE) <= now) {
            gone.extend(self.forget_first());
        }
        gone
    }

    /// One was tried again, and cannot be once more; gives its event.
    pub(super) fn tried_again(&mut self, run: RunId, again: RunId) -> Option<EventNumber> {
        let kept = self.last.iter_mut().find(|kept| kept.summary.run == run)?;
        kept.again = Some(again);
        kept.entry = None;
        self.bytes = self.bytes.saturating_sub(std::mem::take(&mut kept.bytes));
        kept.event.take()
    }

    /// Forgets these; gives their events.
    pub(super) fn forget(&mut self, runs: &[RunId]) -> Vec<EventNumber> {
        let theirs = |kept: &Kept| runs.binary_search(&kept.summary.run).is_ok();
        let gone = self.last.iter().filter(|kept| theirs(kept));
        self.bytes = gone.clone().fold(self.bytes, |bytes, kept| bytes.saturating_sub(kept.bytes));
        let events = gone.filter_map(|kept| kept.event).collect();
        self.last.retain(|kept| !theirs(kept));
        events
    }

    fn forget_first(&mut self) -> Option<EventNumber> {
        let kept = self.last.pop_front()?;
        self.bytes = self.bytes.saturating_sub(kept.bytes);
        kept.event
    }
}
