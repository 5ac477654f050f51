//! Values: immutable, shared, without cycles.

use std::sync::Arc;

/// A value, 16 bytes. Which declared type a record or tag is of, its holder knows from the types.
#[derive(Debug, Clone, PartialEq)]
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

/// A decimal: `mantissa * 10^-scale`, `scale` at most 18, without trailing zeros in the fraction (so that equal
/// numbers are equal values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// All digits.
    pub mantissa: i64,
    /// How many of them stand behind the point.
    pub scale: u8,
}

/// An amount of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MoneyValue {
    /// ISO 4217, upper case.
    pub currency: [u8; 3],
    /// Digits behind the point.
    pub scale: u8,
    /// All digits.
    pub mantissa: i64,
}

/// A text behind a thin pointer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(pub Box<str>);

/// A list's items or a record's slots, with the size they would have written out (which memory bounds count).
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// The items.
    pub items: Vec<Value>,
    /// Logical size in bytes, items included, saturating.
    pub size: u64,
    /// How deep values nest below and including this one.
    pub depth: u16,
}

/// A map's entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Keys and values in order of insertion, with an index beside them where it pays.
    pub entries: Vec<(Value, Value)>,
    /// Logical size in bytes, saturating.
    pub size: u64,
    /// Depth.
    pub depth: u16,
}
