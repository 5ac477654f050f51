//! How much goes to one place: a ceiling that no conversation needs, and a flow that never stops sending reaches.

use crate::Destination;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Messages to one place at once, at most, …
const BURST: i64 = 100;

/// … and one more every so many milliseconds: a hundred a minute.
const EVERY: i64 = 600;

/// Below so many places nothing is forgotten.
const FEW: usize = 64;

/// For each place, when it would be empty of what went there, if one left it every so often.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Pace {
    #[serde(with = "crate::pairs")]
    empty: BTreeMap<Destination, i64>,
    /// With so many places it is looked for those that are empty.
    forget: usize,
}

impl Pace {
    /// When the next message may go there; none: now.
    pub fn full(&self, to: &Destination, now: i64) -> Option<i64> {
        let empty = self.empty.get(to)?;
        let due = empty.saturating_sub((BURST - 1).saturating_mul(EVERY));
        (due > now).then_some(due)
    }

    /// A message goes there.
    pub(in crate::state) fn count(&mut self, to: &Destination, at: i64) {
        if let Some(empty) = self.empty.get_mut(to) {
            *empty = (*empty).max(at).saturating_add(EVERY);
            return;
        }
        if self.empty.len() >= self.forget.max(FEW) {
            self.empty.retain(|_, empty| *empty > at);
            self.forget = self.empty.len().saturating_mul(2);
        }
        self.empty.insert(to.clone(), at.saturating_add(EVERY));
    }

    /// Forgets how much went to some places.
    pub(super) fn forget(&mut self, is: impl Fn(&Destination) -> bool) {
        self.empty.retain(|to, _| !is(to));
    }

    /// How many places it knows: for those who watch that it does not grow.
    pub fn len(&self) -> usize {
        self.empty.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.empty.is_empty()
    }
}
