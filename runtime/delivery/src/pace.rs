//! How fast a network takes requests: so many in a time for the whole account, and for each conversation.
//!
//! Times are counted from any one point, by whoever asks: nothing here looks at a clock. A window slides: whichever window
//! of the declared length one looks at, no more requests than declared are in it.

use carapace_effect::{Kind, Limit, LimitBy};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Conversations that are remembered before those that were quiet for long are forgotten.
const REMEMBERED: usize = 1_024;

/// The pace of one account.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    whole: Windows,
    conversations: BTreeMap<String, Windows>,
    limits: Vec<Limit>,
}

/// What went out lately, of one scope; and a pause that the network asked for.
#[derive(Debug, Default)]
struct Windows {
    /// When the last went out, oldest first; as many as the largest limit counts.
    sent: VecDeque<Duration>,
    pause: Option<Duration>,
}

/// How long something has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) time: Duration,
    /// Whether everything that the account sends has to.
    pub(crate) whole: bool,
}

impl Pace {
    /// That of a kind of channel; without limits where it is not known.
    pub(crate) fn of(kind: Option<&Kind>) -> Pace {
        Pace { limits: kind.map(|kind| kind.limits.to_vec()).unwrap_or_default(), ..Pace::default() }
    }

    /// Takes a place for a request at `now`; where there is none yet, says how long to wait before asking again.
    pub(crate) fn take(&mut self, conversation: &str, now: Duration) -> Result<(), Wait> {
        let quiet = Windows::default();
        let here = self.conversations.get(conversation).unwrap_or(&quiet);
        let (here, all) =
            (here.due(self.by(LimitBy::Conversation)), self.whole.due(self.by(LimitBy::Account)));
        if here.max(all) > now {
            return Err(Wait { time: here.max(all).saturating_sub(now), whole: all >= here });
        }
        let most = |by| self.by(by).map(|limit| limit.most).max().unwrap_or_default();
        let (account, each) = (most(LimitBy::Account), most(LimitBy::Conversation));
        self.whole.note(now, account);
        if each > 0 {
            self.forget(now);
            self.conversations.entry(conversation.to_owned()).or_default().note(now, each);
        }
        Ok(())
    }

    /// The same for what can as well be left out: it takes no more than half of what the whole account may send.
    pub(crate) fn spare(&mut self, conversation: &str, now: Duration) -> Result<(), Wait> {
        let half = |limit: &Limit| Limit { most: limit.most.div_ceil(2), ..*limit };
        let halved: Vec<Limit> = self.by(LimitBy::Account).map(half).collect();
        let due = self.whole.due(halved.iter());
        if due > now {
            return Err(Wait { time: due.saturating_sub(now), whole: true });
        }
        self.take(conversation, now)
    }

    /// The network wants a pause until then: of one conversation, or of all.
    pub(crate) fn pause(&mut self, conversation: Option<&str>, until: Duration) {
        let windows = match conversation {
            Some(name) => self.conversations.entry(name.to_owned()).or_default(),
            None => &mut self.whole,
        };
        windows.pause = windows.pause.max(Some(until));
    }

    fn by(&self, by: LimitBy) -> impl Iterator<Item = &Limit> {
        self.limits.iter().filter(move |limit| limit.by == by)
    }

    fn forget(&mut self, now: Duration) {
        if self.conversations.len() < REMEMBERED {
            return;
        }
        let longest = self.limits.iter().map(|limit| limit.per).max().unwrap_or_default();
        self.conversations.retain(|_, windows| {
            let last = windows.sent.back().is_some_and(|last| last.saturating_add(longest) > now);
            last || windows.pause.is_some_and(|pause| pause > now)
        });
    }
}

impl Windows {
    /// When the next may go.
    fn due<'l>(&self, limits: impl Iterator<Item = &'l Limit>) -> Duration {
        let due = limits.filter_map(|limit| {
            let most = usize::try_from(limit.most).unwrap_or(usize::MAX);
            // The one that leaves the window when the next comes in.
            let first = self.sent.len().checked_sub(most).and_then(|at| self.sent.get(at))?;
            Some(first.saturating_add(limit.per))
        });
        due.chain(self.pause).max().unwrap_or_default()
    }

    fn note(&mut self, now: Duration, most: u32) {
        self.sent.push_back(now);
        while self.sent.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            self.sent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn pace(limits: &[(u32, u64, LimitBy)]) -> Pace {
        let limit = |(most, per, by): &(u32, u64, LimitBy)| Limit { most: *most, per: second(*per), by: *by };
        Pace { limits: limits.iter().map(limit).collect(), ..Pace::default() }
    }

    #[test]
    fn no_window_has_more_than_declared() {
        let mut pace =
            pace(&[(30, 1, LimitBy::Account), (1, 1, LimitBy::Conversation), (3, 60, LimitBy::Conversation)]);
        let (mut now, mut sent) = (Duration::ZERO, Vec::new());
        for n in 0..400_u32 {
            let conversation = format!("c{}", n % 37);
            while let Err(wait) = pace.take(&conversation, now) {
                assert!(!wait.time.is_zero());
                now += wait.time;
            }
            sent.push((now, conversation));
        }
        for (at, conversation) in &sent {
            let within =
                |per| sent.iter().filter(move |(other, _)| other >= at && *other < *at + second(per));
            assert!(within(1).count() <= 30, "{at:?}");
            assert!(within(1).filter(|(_, other)| other == conversation).count() <= 1, "{at:?}");
            assert!(within(60).filter(|(_, other)| other == conversation).count() <= 3, "{at:?}");
        }
        // And it is no slower than it has to be: 37 conversations with 3 a minute each.
        assert!(now < second(60 * 4), "{now:?}");
    }

    #[test]
    fn a_pause_is_for_what_it_was_asked_for() {
        let mut pace = pace(&[]);
        pace.pause(Some("a"), second(7));
        let wait = |s, whole| Err(Wait { time: second(s), whole });
        assert_eq!(pace.take("a", second(2)), wait(5, false));
        assert_eq!(pace.take("b", second(2)), Ok(()));
        pace.pause(None, second(4));
        assert_eq!((pace.take("b", second(3)), pace.take("a", second(3))), (wait(1, true), wait(4, false)));
        // A shorter one later does not shorten it.
        pace.pause(Some("a"), second(6));
        assert_eq!((pace.take("a", second(6)), pace.take("a", second(7))), (wait(1, false), Ok(())));
    }

    #[test]
    fn what_can_be_left_out_leaves_room_for_the_rest() {
        let mut pace = pace(&[(4, 1, LimitBy::Account)]);
        let wait = |ms| Err(Wait { time: Duration::from_millis(ms), whole: true });
        let now = Duration::from_millis(100);
        assert_eq!((pace.spare("a", now), pace.spare("b", now)), (Ok(()), Ok(())));
        assert_eq!(pace.spare("c", now), wait(1_000));
        assert_eq!((pace.take("d", now), pace.take("e", now)), (Ok(()), Ok(())));
        assert_eq!(pace.take("f", now), wait(1_000));
    }

    #[test]
    fn quiet_conversations_are_forgotten() {
        let mut pace = pace(&[(1, 1, LimitBy::Conversation)]);
        for n in 0..10_000_u64 {
            pace.take(&n.to_string(), second(n)).unwrap();
        }
        assert!(pace.conversations.len() <= REMEMBERED);
    }
}
