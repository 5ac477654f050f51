//! What the runtime had to say to those who run it, for those who were not there.

use carapace_engine::inspect::{Level, LogEntry};
use carapace_engine::service::Clock;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many are kept. They are no part of the journal: what must not be lost is there.
const KEPT: usize = 1_000;

/// The last notices of this process, each with its number.
#[derive(Debug)]
pub struct Notices {
    /// Tells this process from the one before it.
    instance: i64,
    told: Mutex<Told>,
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Told {
    /// The number of the last.
    last: u64,
    entries: VecDeque<(u64, LogEntry)>,
}

impl Default for Notices {
    fn default() -> Notices {
        Notices { instance: Clock::system().now(), told: Mutex::default(), changed: watch::Sender::new(0) }
    }
}

impl Notices {
    /// Keeps one.
    pub fn keep(&self, level: Level, message: impl Into<String>) {
        let entry = LogEntry {
            at: Clock::system().now(),
            level,
            flow: None,
            run: None,
            code: None,
            message: message.into(),
        };
        let mut told = self.told();
        told.last = told.last.saturating_add(1);
        let number = told.last;
        if told.entries.len() == KEPT {
            told.entries.pop_front();
        }
        told.entries.push_back((number, entry));
        drop(told);
        self.changed.send_replace(number);
    }

    /// Those behind a number, the number of the last, and how many between are kept no longer.
    pub(crate) fn after(&self, number: u64) -> (Vec<LogEntry>, u64, u64) {
        let told = self.told();
        let first = told.entries.front().map_or(told.last.saturating_add(1), |(first, _)| *first);
        let lost = first.saturating_sub(number.saturating_add(1));
        let entries = told.entries.iter().filter(|(at, _)| *at > number).map(|(_, entry)| entry.clone());
        (entries.collect(), told.last, lost)
    }

    /// Tells this process from the one before it.
    pub(crate) fn instance(&self) -> i64 {
        self.instance
    }

    /// Told whenever there is one more.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_no_longer_is_counted() {
        let notices = Notices::default();
        for n in 0..=KEPT {
            notices.keep(Level::Info, format!("{n}"));
        }
        let (entries, last, lost) = notices.after(0);
        assert_eq!((entries.len(), last, lost), (KEPT, 1 + KEPT as u64, 1));
        assert_eq!(notices.after(last), (Vec::new(), last, 0));
        let (entries, _, lost) = notices.after(last - 1);
        assert_eq!((entries[0].message.as_str(), lost), ("1000", 0));
    }
}
