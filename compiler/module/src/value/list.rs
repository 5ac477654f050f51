//! A list's items, or a record's slots.

use super::Value;
use std::sync::Arc;

/// Below this depth a drop may recurse; deeper ones are taken apart with a work list.
const RECURSIVE_DROP: u16 = 64;

/// A list's items or a record's slots, with the size they would have written out (which memory bounds count).
#[derive(Debug, Clone)]
pub struct List {
    /// The items.
    pub items: Vec<Value>,
    /// Logical size in bytes, items included, saturating.
    pub size: u64,
    /// How deep values nest below and including this one.
    pub depth: u16,
}

impl List {
    /// Of these items.
    pub fn new(items: Vec<Value>) -> List {
        let mut size = 0u64;
        let mut depth = 0;
        for item in &items {
            size = size.saturating_add(item.size());
            depth = depth.max(item.depth());
        }
        List { items, size, depth: depth.saturating_add(1) }
    }

    /// One more at the end.
    pub fn push(&mut self, item: Value) {
        self.size = self.size.saturating_add(item.size());
        self.depth = self.depth.max(item.depth().saturating_add(1));
        self.items.push(item);
    }
}

impl PartialEq for List {
    fn eq(&self, other: &List) -> bool {
        self.size == other.size && self.items == other.items
    }
}

impl Eq for List {}

impl std::hash::Hash for List {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.items.hash(state);
    }
}

impl Drop for List {
    fn drop(&mut self) {
        if self.depth > RECURSIVE_DROP {
            unravel(std::mem::take(&mut self.items));
        }
    }
}

/// Drops values level by level, without recursion.
pub(super) fn unravel(mut work: Vec<Value>) {
    while let Some(value) = work.pop() {
        match value {
            Value::List(l) | Value::Record(l) | Value::TagWith(_, l) | Value::Closure(_, l) => {
                if let Ok(mut list) = Arc::try_unwrap(l) {
                    work.append(&mut list.items);
                    list.depth = 0;
                }
            }
            Value::Map(m) => {
                if let Ok(mut map) = Arc::try_unwrap(m) {
                    for (key, value) in map.entries.drain(..) {
                        work.push(key);
                        work.push(value);
                    }
                    map.depth = 0;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_value_drops_without_recursion() {
        let mut value = Value::Int(1);
        for _ in 0..200_000 {
            value = Value::list(vec![value]);
        }
        assert_eq!(value.depth(), u16::MAX);
        drop(value);
    }

    #[test]
    fn sharing_counts_as_written_out() {
        let mut value = Value::text("x");
        for _ in 0..40 {
            value = Value::list(vec![value.clone(), value]);
        }
        assert!(value.size() > 1 << 40);
        assert_eq!(value.depth(), 40);
    }
}
