//! Keys that are remembered for a while: `dedupe`.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Keys, each until a time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<Arc<str>, i64>", into = "BTreeMap<Arc<str>, i64>")]
pub struct SeenTable {
    table: BTreeMap<Arc<str>, i64>,
    order: BTreeSet<(i64, Arc<str>)>,
}

impl SeenTable {
    /// Whether it is remembered at `now`.
    pub fn contains(&self, key: &str, now: i64) -> bool {
        self.table.get(key).is_some_and(|until| *until > now)
    }

    pub(crate) fn insert(&mut self, key: Arc<str>, until: i64) {
        if let Some(before) = self.table.insert(key.clone(), until) {
            self.order.remove(&(before, key.clone()));
        }
        self.order.insert((until, key));
    }

    /// Forgets what is older.
    pub(crate) fn forget_until(&mut self, now: i64) {
        while let Some((until, key)) = self.order.first() {
            if *until > now {
                return;
            }
            self.table.remove(key);
            self.order.pop_first();
        }
    }

    pub(super) fn remove(&mut self, key: &Arc<str>) {
        if let Some(until) = self.table.remove(key) {
            self.order.remove(&(until, key.clone()));
        }
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }
}

impl From<BTreeMap<Arc<str>, i64>> for SeenTable {
    fn from(table: BTreeMap<Arc<str>, i64>) -> SeenTable {
        let order = table.iter().map(|(key, until)| (*until, key.clone())).collect();
        SeenTable { table, order }
    }
}

impl From<SeenTable> for BTreeMap<Arc<str>, i64> {
    fn from(seen: SeenTable) -> Self {
        seen.table
    }
}
