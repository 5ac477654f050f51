//! `state`: durable values.

use crate::Key;
use crate::wire::Wire;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A value, and when it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The value.
    pub value: Wire,
    /// The line that wrote it, which is how a stretch notices that another came between.
    pub version: u64,
    /// When it is forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

/// All states' values, by full name and key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values {
    table: BTreeMap<Arc<str>, BTreeMap<Key, Cell>>,
}

impl Values {
    /// A value.
    pub fn get(&self, state: &str, key: &Key) -> Option<&Cell> {
        self.table.get(state)?.get(key)
    }

    /// The version of a value; 0 when there is none.
    pub fn version(&self, state: &str, key: &Key) -> u64 {
        self.get(state, key).map_or(0, |cell| cell.version)
    }

    /// All values of a state.
    pub fn of(&self, state: &str) -> impl Iterator<Item = (&Key, &Cell)> {
        self.table.get(state).into_iter().flatten()
    }

    /// Names of the states that have values.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.table.keys()
    }

    /// Writes; gives the time at which the value before was to be forgotten.
    pub(crate) fn set(&mut self, state: &Arc<str>, key: &Key, cell: Cell) -> Option<i64> {
        self.table.entry(state.clone()).or_default().insert(key.clone(), cell)?.until
    }

    pub(crate) fn forget(&mut self, state: &Arc<str>, key: &Key) {
        if let Some(values) = self.table.get_mut(state) {
            values.remove(key);
            if values.is_empty() {
                self.table.remove(state);
            }
        }
    }
}
