//! A table whose values lie on the shelf while nobody needs them.

use super::ground::Ground;
use carapace_store::Spot;
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A value that can rest.
pub(crate) trait Rests: Clone {
    /// What it is found by.
    type Key: Copy + Ord;

    /// Whether it may: nothing will be asked of it until something happens that names it.
    fn is_at_rest(&self) -> bool;

    /// It as an entry of the shelf.
    fn entry(&self, key: Self::Key) -> Result<Vec<u8>, serde_json::Error>;

    /// It from its entry.
    fn of_entry(entry: &[u8]) -> Result<Self, serde_json::Error>;
}

/// Values by key. Where a value lies makes no difference to anybody who asks for it.
#[derive(Debug, Clone)]
pub(crate) struct Table<V: Rests> {
    slots: BTreeMap<V::Key, Slot<V>>,
    /// Those that are warm, and the line at which they were when they came here: each once.
    warm: VecDeque<(u64, V::Key)>,
    /// Those that were read and lie where they lay.
    read: Arc<Mutex<Vec<V::Key>>>,
    ground: Ground,
    /// The line that is being applied.
    pub(crate) now: u64,
    /// Bytes of the entries that are meant.
    pub(crate) resting: u64,
}

#[derive(Debug, Clone)]
enum Slot<V> {
    Warm {
        value: Box<V>,
        /// The line that changed it last.
        touched: u64,
    },
    Resting {
        spot: Spot,
        /// It, where somebody has looked at it.
        read: OnceLock<Box<V>>,
    },
}

impl<V: Rests> Default for Table<V> {
    fn default() -> Table<V> {
        Table {
            slots: BTreeMap::new(),
            warm: VecDeque::new(),
            read: Arc::default(),
            ground: Ground::default(),
            now: 0,
            resting: 0,
        }
    }
}

impl<V: Rests> Table<V> {
    /// Where values rest from now on. Nothing rests yet.
    pub(crate) fn stand_on(&mut self, ground: Ground) {
        self.ground = ground;
        self.warm.clear();
        if self.ground.writable().is_some() {
            self.warm.extend(self.slots.keys().map(|key| (self.now, *key)));
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn has(&self, key: V::Key) -> bool {
        self.slots.contains_key(&key)
    }

    pub(crate) fn keys_between(&self, first: V::Key, last: V::Key) -> impl Iterator<Item = V::Key> {
        self.slots.range(first..=last).map(|(key, _)| *key)
    }

    pub(crate) fn get(&self, key: V::Key) -> Option<&V> {
        match self.slots.get(&key)? {
            Slot::Warm { value, .. } => Some(value),
            Slot::Resting { spot, read } => {
                if read.get().is_none() {
                    // Two who look at once read twice, and see the same.
                    let _ = read.set(Box::new(self.fetch(*spot)?));
                    if self.ground.writable().is_some() {
                        self.read.lock().unwrap_or_else(PoisonError::into_inner).push(key);
                    }
                }
                read.get().map(|value| &**value)
            }
        }
    }

    /// All, by key. What rests is read and not kept.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (V::Key, Cow<'_, V>)> {
        self.slots.iter().filter_map(|(key, slot)| {
            let value = match slot {
                Slot::Warm { value, .. } => Cow::Borrowed(&**value),
                Slot::Resting { spot, read } => match read.get() {
                    Some(value) => Cow::Borrowed(&**value),
                    None => Cow::Owned(self.fetch(*spot)?),
                },
            };
            Some((*key, value))
        })
    }

    /// Those that do not rest, by key.
    pub(crate) fn warm(&self) -> impl Iterator<Item = (V::Key, &V)> {
        self.warm_keys().into_iter().filter_map(|key| match self.slots.get(&key)? {
            Slot::Warm { value, .. } => Some((key, &**value)),
            Slot::Resting { .. } => None,
        })
    }

    /// The keys of those that do not rest.
    pub(crate) fn warm_keys(&self) -> Vec<V::Key> {
        if self.ground.writable().is_none() {
            return self
                .slots
                .iter()
                .filter(|(_, slot)| matches!(slot, Slot::Warm { .. }))
                .map(|(key, _)| *key)
                .collect();
        }
        // The queue, not the table: there may be a million that rest.
        let mut keys: Vec<V::Key> =
            self.warm.iter().map(|(_, key)| *key).filter(|key| self.slots.contains_key(key)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.retain(|key| !self.is_resting(*key));
        keys
    }

    pub(crate) fn is_resting(&self, key: V::Key) -> bool {
        matches!(self.slots.get(&key), Some(Slot::Resting { .. }))
    }

    /// A value, to be changed: it does not rest any more.
    pub(crate) fn get_mut(&mut self, key: V::Key) -> Option<&mut V> {
        if self.is_resting(key) {
            let value = self.take(key)?;
            self.insert(key, value);
        }
        match self.slots.get_mut(&key)? {
            Slot::Warm { value, touched } => {
                *touched = self.now;
                Some(value)
            }
            Slot::Resting { .. } => None,
        }
    }

    pub(crate) fn insert(&mut self, key: V::Key, value: V) {
        let slot = Slot::Warm { value: Box::new(value), touched: self.now };
        let before = self.slots.insert(key, slot);
        if self.ground.writable().is_some() && !matches!(before, Some(Slot::Warm { .. })) {
            self.warm.push_back((self.now, key));
        }
    }

    /// One that rests, as the shelf has it.
    pub(crate) fn insert_resting(&mut self, key: V::Key, spot: Spot) {
        self.resting = self.resting.saturating_add(u64::from(spot.length));
        self.slots.insert(key, Slot::Resting { spot, read: OnceLock::new() });
    }

    pub(crate) fn remove(&mut self, key: V::Key) -> Option<V> {
        if self.is_resting(key) {
            return self.take(key);
        }
        match self.slots.remove(&key)? {
            Slot::Warm { value, .. } => Some(*value),
            Slot::Resting { .. } => None,
        }
    }

    /// Picks up one that rests.
    fn take(&mut self, key: V::Key) -> Option<V> {
        let Slot::Resting { spot, read } = self.slots.get_mut(&key)? else { return None };
        let (spot, read) = (*spot, read.take());
        let value = match read {
            Some(value) => *value,
            None => self.fetch(spot)?,
        };
        self.slots.remove(&key);
        self.resting = self.resting.saturating_sub(u64::from(spot.length));
        self.ground.take_back(spot);
        Some(value)
    }

    fn fetch(&self, spot: Spot) -> Option<V> {
        match V::of_entry(&self.ground.get(spot)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.ground.not_understood(spot, &error);
                None
            }
        }
    }

    /// Lays down what nobody has touched for so many lines; `laid` hears of each.
    pub(crate) fn rest(&mut self, lines: u64, mut laid: impl FnMut(V::Key, &V)) {
        if self.ground.writable().is_none() {
            return;
        }
        let read = std::mem::take(&mut *self.read.lock().unwrap_or_else(PoisonError::into_inner));
        for key in read {
            if let Some(Slot::Resting { read, .. }) = self.slots.get_mut(&key) {
                *read = OnceLock::new();
            }
        }
        let until = self.now.saturating_sub(lines);
        while let Some((_, key)) = self.warm.pop_front_if(|(since, _)| *since <= until) {
            let Some(Slot::Warm { value, touched }) = self.slots.get(&key) else { continue };
            if *touched > until || !value.is_at_rest() {
                // It is asked again when as many lines have gone by.
                let since = (*touched).max(until.saturating_add(1));
                self.warm.push_back((since, key));
                continue;
            }
            let spot = value.entry(key).ok().and_then(|entry| self.ground.put(&entry));
            let Some(spot) = spot else {
                self.warm.push_back((self.now, key));
                return;
            };
            laid(key, value);
            self.insert_resting(key, spot);
        }
    }

    /// Builds it anew, with full nodes.
    pub(crate) fn compact(&mut self) {
        self.slots = std::mem::take(&mut self.slots).into_iter().collect();
    }

    /// Whether what lies there is meant.
    pub(crate) fn lies_at(&self, key: V::Key, at: Spot) -> bool {
        matches!(self.slots.get(&key), Some(Slot::Resting { spot, .. }) if *spot == at)
    }

    /// It lies elsewhere from now on.
    pub(crate) fn lay_elsewhere(&mut self, key: V::Key, to: Spot) {
        if let Some(Slot::Resting { spot, .. }) = self.slots.get_mut(&key) {
            *spot = to;
        }
    }
}
