//! Values: immutable, shared, without cycles.
//!
//! What a value is of the language's types, its holder knows; a value alone knows its shape. Sizes and depths are
//! kept with every composite, so that bounds are checked without walking.

pub mod arith;
mod compare;
mod decimal;
mod display;
mod list;
mod map;
mod money;

pub use compare::{
    compare, contains_ignoring_case, ends_ignoring_case, fold, same_ignoring_case, starts_ignoring_case,
};
pub use decimal::Decimal;
pub use display::{display, duration_text};
pub use list::List;
pub use map::Map;
pub use money::MoneyValue;

use std::sync::Arc;

/// How deep values may nest.
pub const MAX_DEPTH: u16 = 1_000;

/// A value, 16 bytes. Which declared type a record or tag is of, its holder knows from the types.
#[derive(Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// `none` of any `T?`, and the value of `Nothing`.
    None,
    /// `Bool`.
    Bool(bool),
    /// `Int`.
    Int(i64),
    /// `Number`.
    Number(Decimal),
    /// `Time`: milliseconds since 1970 UTC.
    Time(i64),
    /// `Date`: days since 1970-01-01.
    Date(i32),
    /// `Duration`: milliseconds.
    Duration(i64),
    /// `Money`.
    Money(MoneyValue),
    /// `Text`, and templates.
    Text(Arc<Text>),
    /// `Bytes`.
    Bytes(Arc<Vec<u8>>),
    /// `List<T>`.
    List(Arc<List>),
    /// `Map<K, V>`, in order of insertion.
    Map(Arc<Map>),
    /// A record: its slots, in the order of the type's fields.
    Record(Arc<List>),
    /// A tag without fields, by number.
    Tag(u32),
    /// A tag with fields.
    TagWith(u32, Arc<List>),
    /// `Json`.
    Json(Arc<serde_json::Value>),
    /// A compiled regular expression's source.
    Regex(Arc<Text>),
    /// A secret's name. Never its value.
    Secret(Arc<Text>),
    /// A function and what it captured; lives only while a pure call runs.
    Closure(u32, Arc<List>),
}

const _: () = assert!(size_of::<Value>() == 16, "values are copied on every move; keep them two words");

/// A text behind a thin pointer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(pub Box<str>);

impl Clone for Value {
    #[inline]
    fn clone(&self) -> Value {
        match self {
            Value::None => Value::None,
            Value::Bool(b) => Value::Bool(*b),
            Value::Int(i) => Value::Int(*i),
            Value::Number(n) => Value::Number(*n),
            Value::Time(t) => Value::Time(*t),
            Value::Date(d) => Value::Date(*d),
            Value::Duration(d) => Value::Duration(*d),
            Value::Money(m) => Value::Money(*m),
            Value::Text(t) => Value::Text(Arc::clone(t)),
            Value::Bytes(b) => Value::Bytes(Arc::clone(b)),
            Value::List(l) => {
                l.share();
                Value::List(Arc::clone(l))
            }
            Value::Map(m) => Value::Map(Arc::clone(m)),
            Value::Record(l) => Value::Record(Arc::clone(l)),
            Value::Tag(n) => Value::Tag(*n),
            Value::TagWith(n, l) => Value::TagWith(*n, Arc::clone(l)),
            Value::Json(j) => Value::Json(Arc::clone(j)),
            Value::Regex(t) => Value::Regex(Arc::clone(t)),
            Value::Secret(t) => Value::Secret(Arc::clone(t)),
            Value::Closure(n, l) => Value::Closure(*n, Arc::clone(l)),
        }
    }
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Box<str>>) -> Value {
        Value::Text(Arc::new(Text(text.into())))
    }

    /// A list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(List::new(items)))
    }

    /// A record of these slots.
    pub fn record(slots: Vec<Value>) -> Value {
        Value::Record(Arc::new(List::new(slots)))
    }

    /// A tag; without fields the short form.
    pub fn tag(number: u32, fields: Vec<Value>) -> Value {
        if fields.is_empty() {
            Value::Tag(number)
        } else {
            Value::TagWith(number, Arc::new(List::new(fields)))
        }
    }

    /// A map; a later equal key wins, in the first one's place.
    pub fn map(entries: impl IntoIterator<Item = (Value, Value)>) -> Value {
        Value::Map(Arc::new(Map::new(entries)))
    }

    /// Bytes.
    pub fn bytes(bytes: Vec<u8>) -> Value {
        Value::Bytes(Arc::new(bytes))
    }

    /// A JSON value.
    pub fn json(json: serde_json::Value) -> Value {
        Value::Json(Arc::new(json))
    }

    /// The text, where it is one (also of a regular expression or a secret's name).
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(t) | Value::Regex(t) | Value::Secret(t) => Some(&t.0),
            _ => None,
        }
    }

    /// The number, where it is an Int.
    pub const fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(i) => Some(*i),
            _ => None,
        }
    }

    /// The truth, where it is a Bool.
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// Milliseconds, where it is a Duration.
    pub const fn as_duration(&self) -> Option<i64> {
        match self {
            Value::Duration(d) => Some(*d),
            _ => None,
        }
    }

    /// The items, where it is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(l) => Some(&l.items),
            _ => None,
        }
    }

    /// A record's slot, or a field of a tag.
    pub fn slot(&self, index: usize) -> Option<&Value> {
        match self {
            Value::Record(l) | Value::TagWith(_, l) => l.items.get(index),
            _ => None,
        }
    }

    /// A tag's number.
    pub const fn tag_number(&self) -> Option<u32> {
        match self {
            Value::Tag(n) | Value::TagWith(n, _) => Some(*n),
            _ => None,
        }
    }

    /// Forgets that it may be a list with one holder ([`List::is_sole`]).
    pub fn share(&self) {
        if let Value::List(list) = self {
            list.share();
        }
    }

    /// Whether it is `none`.
    pub const fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    /// Logical size in bytes, as if nothing were shared; saturating.
    pub fn size(&self) -> u64 {
        16 + match self {
            Value::Text(t) | Value::Regex(t) | Value::Secret(t) => t.0.len() as u64,
            Value::Bytes(b) => b.len() as u64,
            Value::List(l) | Value::Record(l) | Value::TagWith(_, l) | Value::Closure(_, l) => l.size,
            Value::Map(m) => m.size,
            Value::Json(j) => json_size(j),
            _ => 0,
        }
    }

    /// How deep values nest in it; 0 for a scalar.
    pub fn depth(&self) -> u16 {
        match self {
            Value::List(l) | Value::Record(l) | Value::TagWith(_, l) | Value::Closure(_, l) => l.depth,
            Value::Map(m) => m.depth,
            Value::Json(j) => json_depth(j),
            _ => 0,
        }
    }
}

/// JSON values come from parsers that bound their depth (128), so these two may recurse.
fn json_size(json: &serde_json::Value) -> u64 {
    match json {
        serde_json::Value::String(s) => 16 + s.len() as u64,
        serde_json::Value::Array(items) => 16 + items.iter().map(json_size).fold(0, u64::saturating_add),
        serde_json::Value::Object(map) => {
            16 + map.iter().map(|(k, v)| 16 + k.len() as u64 + json_size(v)).fold(0, u64::saturating_add)
        }
        _ => 16,
    }
}

fn json_depth(json: &serde_json::Value) -> u16 {
    match json {
        serde_json::Value::Array(items) => 1 + items.iter().map(json_depth).max().unwrap_or(0),
        serde_json::Value::Object(map) => 1 + map.values().map(json_depth).max().unwrap_or(0),
        _ => 0,
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}

impl From<i64> for Value {
    fn from(i: i64) -> Value {
        Value::Int(i)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::text(text)
    }
}
