//! Who waits where.

use crate::stored::Place;
use carapace_effect::{OpId, RunId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A wait: the line in which it was registered, so that the oldest comes first, and whose it is.
pub(super) type Waiter = (u64, RunId, OpId);

/// Who waits where.
#[derive(Debug, Clone, Default)]
pub(super) struct Waits {
    table: BTreeMap<Place, Waiters>,
    /// The accounts' names, each once: a million places on one account share its name.
    accounts: BTreeSet<Arc<str>>,
}

/// Who waits at a place. Most places have one, and a set of one is as large as one of eleven.
#[derive(Debug, Clone)]
enum Waiters {
    One(Waiter),
    Several(BTreeSet<Waiter>),
}

impl Waits {
    /// Builds the table anew, with full nodes.
    pub(super) fn compact(&mut self) {
        self.table = std::mem::take(&mut self.table).into_iter().collect();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Who waits at these places, oldest first.
    pub(super) fn at(&self, places: &[Place]) -> Vec<(RunId, OpId)> {
        let mut found: BTreeSet<&Waiter> = BTreeSet::new();
        for place in places {
            match self.table.get(place) {
                Some(Waiters::One(waiter)) => drop(found.insert(waiter)),
                Some(Waiters::Several(waiters)) => found.extend(waiters),
                None => {}
            }
        }
        found.into_iter().map(|(_, run, op)| (*run, op.clone())).collect()
    }

    /// The accounts on which something is waited for.
    pub(super) fn accounts(&self) -> BTreeSet<Arc<str>> {
        self.table.keys().filter_map(Place::account).cloned().collect()
    }

    pub(super) fn insert(&mut self, place: &Place, waiter: Waiter) {
        match self.table.get_mut(place) {
            None => {
                let place = self.sharing(place);
                self.table.insert(place, Waiters::One(waiter));
            }
            Some(Waiters::Several(waiters)) => drop(waiters.insert(waiter)),
            Some(slot) => {
                let Waiters::One(first) = slot else { return };
                if *first != waiter {
                    *slot = Waiters::Several(BTreeSet::from([first.clone(), waiter]));
                }
            }
        }
    }

    pub(super) fn remove(&mut self, place: &Place, waiter: &Waiter) {
        match self.table.get_mut(place) {
            Some(Waiters::One(only)) if only == waiter => drop(self.table.remove(place)),
            Some(Waiters::Several(waiters)) => {
                waiters.remove(waiter);
                if waiters.is_empty() {
                    self.table.remove(place);
                }
            }
            _ => {}
        }
    }

    /// The place, its account's name shared with others.
    fn sharing(&mut self, place: &Place) -> Place {
        let Some(account) = place.account() else { return place.clone() };
        let name = match self.accounts.get(account) {
            Some(name) => name.clone(),
            None => {
                self.accounts.insert(account.clone());
                account.clone()
            }
        };
        let mut place = place.clone();
        if let Place::Conversation { account, .. }
        | Place::Direct { account, .. }
        | Place::Account { account } = &mut place
        {
            *account = name;
        }
        place
    }
}
