//! A list's items, or a record's slots.

use super::Value;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Below this depth a drop may recurse; deeper ones are taken apart with a work list.
const RECURSIVE_DROP: u16 = 64;

/// A list's items or a record's slots, with the size they would have written out (which memory bounds count).
pub struct List {
    /// The items.
    pub items: Vec<Value>,
    /// Logical size in bytes, items included, saturating.
    pub size: u64,
    /// How deep values nest below and including this one.
    pub depth: u16,
    /// See [`List::is_sole`].
    sole: AtomicBool,
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
        List { items, size, depth: depth.saturating_add(1), sole: AtomicBool::new(false) }
    }

    /// Whether it is known that one value holds this list and no other does: it was made so by [`List::set_sole`], and
    /// nobody has copied that value since. Then appending to it costs what is appended; else it may cost a copy.
    ///
    /// The number of holders would not do: a run that was read back shares less than the run that was written down, and
    /// must not be cheaper for it.
    pub fn is_sole(&self) -> bool {
        self.sole.load(Ordering::Relaxed)
    }

    /// Notes that whoever has this list for himself is its only holder.
    pub fn set_sole(&mut self) {
        *self.sole.get_mut() = true;
    }

    /// Forgets it: somebody copies the value, or a run is about to be written down.
    pub(super) fn share(&self) {
        self.sole.store(false, Ordering::Relaxed);
    }

    /// One more at the end.
    pub fn push(&mut self, item: Value) {
        self.size = self.size.saturating_add(item.size());
        self.depth = self.depth.max(item.depth().saturating_add(1));
        self.items.push(item);
    }
}

impl Clone for List {
    fn clone(&self) -> List {
        List { items: self.items.clone(), size: self.size, depth: self.depth, sole: AtomicBool::new(false) }
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let List { items, size, depth, sole: _ } = self;
        f.debug_struct("List").field("items", items).field("size", size).field("depth", depth).finish()
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
    fn a_copy_ends_being_alone() {
        let mut list = Arc::new(List::new(vec![Value::Int(1)]));
        Arc::get_mut(&mut list).unwrap().set_sole();
        let value = Value::List(list);
        let is_sole = |value: &Value| matches!(value, Value::List(list) if list.is_sole());
        assert!(is_sole(&value));
        let copy = value.clone();
        assert!(!is_sole(&value) && !is_sole(&copy));
        drop(copy);
        assert!(!is_sole(&value), "nobody knows that the copy is gone");
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
