//! Taking arguments apart.

use crate::Error;
use carapace_module::Value;
use carapace_module::value::{Decimal, List, Map, MoneyValue};

/// The largest text or list that a native makes: more than a run may hold, less than hurts the host.
pub(crate) const LARGEST: usize = 64 << 20;

pub(crate) type Answer = Result<Value, Error>;

pub(crate) fn value(args: &[Value], n: usize) -> Result<&Value, Error> {
    args.get(n).ok_or(Error::Types)
}

pub(crate) fn text(args: &[Value], n: usize) -> Result<&str, Error> {
    match args.get(n) {
        Some(Value::Text(t) | Value::Regex(t)) => Ok(&t.0),
        _ => Err(Error::Types),
    }
}

pub(crate) fn int(args: &[Value], n: usize) -> Result<i64, Error> {
    args.get(n).and_then(Value::as_int).ok_or(Error::Types)
}

pub(crate) fn number(args: &[Value], n: usize) -> Result<Decimal, Error> {
    match args.get(n) {
        Some(Value::Number(d)) => Ok(*d),
        _ => Err(Error::Types),
    }
}

pub(crate) fn money(args: &[Value], n: usize) -> Result<MoneyValue, Error> {
    match args.get(n) {
        Some(Value::Money(m)) => Ok(*m),
        _ => Err(Error::Types),
    }
}

pub(crate) fn time(args: &[Value], n: usize) -> Result<i64, Error> {
    match args.get(n) {
        Some(Value::Time(t)) => Ok(*t),
        _ => Err(Error::Types),
    }
}

pub(crate) fn date(args: &[Value], n: usize) -> Result<i32, Error> {
    match args.get(n) {
        Some(Value::Date(d)) => Ok(*d),
        _ => Err(Error::Types),
    }
}

pub(crate) fn bytes(args: &[Value], n: usize) -> Result<&[u8], Error> {
    match args.get(n) {
        Some(Value::Bytes(b)) => Ok(b),
        _ => Err(Error::Types),
    }
}

pub(crate) fn list(args: &[Value], n: usize) -> Result<&List, Error> {
    match args.get(n) {
        Some(Value::List(l)) => Ok(l),
        _ => Err(Error::Types),
    }
}

pub(crate) fn map(args: &[Value], n: usize) -> Result<&Map, Error> {
    match args.get(n) {
        Some(Value::Map(m)) => Ok(m),
        _ => Err(Error::Types),
    }
}

pub(crate) fn json(args: &[Value], n: usize) -> Result<&serde_json::Value, Error> {
    match args.get(n) {
        Some(Value::Json(j)) => Ok(j),
        _ => Err(Error::Types),
    }
}

/// A length as an Int.
pub(crate) fn count(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The value, or none.
pub(crate) fn optional(value: Option<Value>) -> Value {
    value.unwrap_or(Value::None)
}

/// Places from `from` up to `to`, brought inside of `0..len`.
pub(crate) fn range(from: i64, to: i64, len: usize) -> std::ops::Range<usize> {
    let inside = |place: i64| usize::try_from(place.max(0)).unwrap_or(usize::MAX).min(len);
    let (from, to) = (inside(from), inside(to));
    from..to.max(from)
}

/// A list of texts.
pub(crate) fn texts<'a>(items: impl Iterator<Item = &'a str>) -> Value {
    Value::list(items.map(Value::text).collect())
}
