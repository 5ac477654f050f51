//! A map in order of insertion.

use super::Value;
use super::list::unravel;
use indexmap::IndexMap;

/// A map's entries. Equal maps hold equal entries, in whatever order.
#[derive(Debug, Clone)]
pub struct Map {
    /// Keys and values in order of insertion. The hasher is seeded: keys may come from strangers.
    pub entries: IndexMap<Value, Value>,
    /// Logical size in bytes, saturating.
    pub size: u64,
    /// Depth.
    pub depth: u16,
}

impl Map {
    /// Of these entries; a later equal key wins, in the first one's place.
    pub fn new(entries: impl IntoIterator<Item = (Value, Value)>) -> Map {
        let mut map = Map { entries: IndexMap::new(), size: 0, depth: 1 };
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }

    /// The value under a key.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.entries.get(key)
    }

    /// Puts a value under a key; an equal key keeps its place.
    pub fn insert(&mut self, key: Value, value: Value) {
        let depth = key.depth().max(value.depth()).saturating_add(1);
        self.depth = self.depth.max(depth);
        let (added, key_size) = (value.size(), key.size());
        match self.entries.insert(key, value) {
            Some(old) => self.size = self.size.saturating_sub(old.size()).saturating_add(added),
            None => self.size = self.size.saturating_add(added).saturating_add(key_size),
        }
    }

    /// Takes a key out, the others keep their order.
    pub fn remove(&mut self, key: &Value) -> Option<Value> {
        let old = self.entries.shift_remove(key)?;
        self.size = self.size.saturating_sub(old.size()).saturating_sub(key.size());
        Some(old)
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Map) -> bool {
        self.entries == other.entries
    }
}

impl Eq for Map {}

impl std::hash::Hash for Map {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // Order does not count for equality, so it may not count here.
        self.entries.len().hash(state);
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        if self.depth > 64 {
            unravel(self.entries.drain(..).flat_map(|(k, v)| [k, v]).collect());
        }
    }
}
