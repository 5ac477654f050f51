//! What asking models has used up: by day for people who want to know, and lately, for budgets.

use crate::forget::Named;
use crate::record::Payer;
use carapace_effect::Usage;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const DAY: i64 = 86_400_000;

/// Days are kept for so long, in days.
pub const KEPT: i64 = 400;

/// What counts for budgets is kept for so long, in milliseconds: no window of a budget may be longer.
pub const LONGEST_WINDOW: i64 = 31 * DAY;

/// Spending within so many milliseconds counts as one, as of the last of it: a budget is never kept too laxly, and what is kept of an
/// hour does not grow with what happened in it.
const GRAIN: i64 = 60_000;

/// Sums over requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sum {
    /// How many requests.
    pub requests: u64,
    /// Tokens of what models were given.
    pub input: u64,
    /// Those of them that were in a cache.
    pub cached: u64,
    /// Tokens of what they said.
    pub output: u64,
    /// What it cost, in millionths of a US dollar, as far as prices are known.
    pub cost: u64,
    /// How many of the requests have no known price.
    pub unpriced: u64,
}

impl Sum {
    /// All tokens, as budgets count them.
    pub const fn tokens(&self) -> u64 {
        self.input.saturating_add(self.output)
    }

    /// Of these requests.
    pub fn of(usage: &[Usage]) -> Sum {
        usage.iter().fold(Sum::default(), |mut sum, usage| {
            sum.add(&Sum::one(usage));
            sum
        })
    }

    /// Of one request.
    fn one(usage: &Usage) -> Sum {
        Sum {
            requests: 1,
            input: usage.input,
            cached: usage.cached,
            output: usage.output,
            cost: usage.cost.unwrap_or_default(),
            unpriced: u64::from(usage.cost.is_none()),
        }
    }

    /// Adds another to it.
    pub const fn add(&mut self, other: &Sum) {
        self.requests = self.requests.saturating_add(other.requests);
        self.input = self.input.saturating_add(other.input);
        self.cached = self.cached.saturating_add(other.cached);
        self.output = self.output.saturating_add(other.output);
        self.cost = self.cost.saturating_add(other.cost);
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
    }
}

/// Whose requests of which day to which model.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// The day in UTC, counted from 1970.
    pub day: i64,
    /// Provider and model.
    pub model: Arc<str>,
    /// On whose account.
    #[serde(flatten)]
    pub payer: Payer,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Ledger {
    #[serde(with = "crate::pairs")]
    days: BTreeMap<Line, Sum>,
    #[serde(with = "crate::pairs")]
    lately: BTreeMap<Payer, VecDeque<(i64, Sum)>>,
}

impl Ledger {
    /// Whether nothing was ever used up.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty() && self.lately.is_empty()
    }

    /// What was used up from a day on, in order.
    pub fn since(&self, day: i64) -> impl Iterator<Item = (&Line, &Sum)> {
        self.days.iter().filter(move |(line, _)| line.day >= day)
    }

    /// What was used up after a time by those who `counts`.
    pub fn lately(&self, after: i64, counts: impl Fn(&Payer) -> bool) -> Sum {
        let theirs = self.lately.iter().filter(|(payer, _)| counts(payer));
        let spent = theirs.flat_map(|(_, spent)| spent).filter(|(at, _)| *at > after);
        spent.fold(Sum::default(), |mut sum, (_, spent)| {
            sum.add(spent);
            sum
        })
    }

    /// Of when the oldest is that is counted, for those who `counts`; none where nothing does.
    pub fn oldest(&self, after: i64, counts: impl Fn(&Payer) -> bool) -> Option<i64> {
        let theirs = self.lately.iter().filter(|(payer, _)| counts(payer));
        theirs.flat_map(|(_, spent)| spent).map(|(at, _)| *at).filter(|at| *at > after).min()
    }

    pub(super) fn spent(&mut self, payer: &Payer, at: i64, usage: &[Usage]) {
        let day = at.div_euclid(DAY);
        for usage in usage {
            let line = Line { day, model: usage.model.clone(), payer: payer.clone() };
            self.days.entry(line).or_default().add(&Sum::one(usage));
        }
        // Budgets are agents'.
        if !payer.agent.is_empty() {
            self.lately_spent(payer, at, &Sum::of(usage));
        }
        self.forget_until(at);
    }

    fn lately_spent(&mut self, payer: &Payer, at: i64, total: &Sum) {
        let lately = self.lately.entry(payer.clone()).or_default();
        let same = |other: i64| other.div_euclid(GRAIN) == at.div_euclid(GRAIN);
        match lately.back_mut().filter(|(last, _)| same(*last)) {
            Some((last, sum)) => {
                *last = at;
                sum.add(total);
            }
            None => lately.push_back((at, *total)),
        }
    }

    /// What nobody asks for any more goes.
    fn forget_until(&mut self, now: i64) {
        let oldest = now.saturating_sub(LONGEST_WINDOW);
        self.lately.retain(|_, spent| {
            while spent.front().is_some_and(|(at, _)| *at <= oldest) {
                spent.pop_front();
            }
            !spent.is_empty()
        });
        let day = now.div_euclid(DAY).saturating_sub(KEPT);
        while self.days.first_key_value().is_some_and(|(line, _)| line.day < day) {
            self.days.pop_first();
        }
    }

    /// What somebody used up is nobody's any more: the sums stay.
    pub(super) fn forget(&mut self, named: &Named) {
        let theirs = |payer: &Payer| {
            let sender = payer.account.as_ref().zip(payer.sender.as_ref());
            let person = sender.is_some_and(|(account, sender)| {
                *account == named.sender.account && *sender == named.sender.id
            });
            let place = payer.account.as_ref().zip(payer.conversation.as_ref());
            person || place.is_some_and(|(account, conversation)| named.talks_in(account, conversation))
        };
        let nobody = |payer: &Payer| Payer { sender: None, conversation: None, ..payer.clone() };
        for line in self.days.keys().filter(|line| theirs(&line.payer)).cloned().collect::<Vec<_>>() {
            let Some(sum) = self.days.remove(&line) else { continue };
            let payer = nobody(&line.payer);
            self.days.entry(Line { payer, ..line }).or_default().add(&sum);
        }
        for payer in self.lately.keys().filter(|payer| theirs(payer)).cloned().collect::<Vec<_>>() {
            let Some(spent) = self.lately.remove(&payer) else { continue };
            let all = self.lately.entry(nobody(&payer)).or_default();
            all.extend(spent);
            all.make_contiguous().sort_by_key(|(at, _)| *at);
        }
    }
}
