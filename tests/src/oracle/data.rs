//! Values: making them, comparing them by what they say, writing them so that two can be compared by eye.

use super::exit::{Exit, broken};
use carapace_effect::Failure;
use carapace_module::List;
use carapace_module::Value;
use std::fmt::Write;
use std::sync::Arc;

/// A list.
pub(super) fn list(items: Vec<Value>) -> Value {
    Value::list(items)
}

/// A record of its slots.
pub(super) fn record(slots: Vec<Value>) -> Value {
    Value::record(slots)
}

/// A tag; without fields where there are none.
pub(super) fn tag(number: u32, fields: Vec<Value>) -> Value {
    Value::tag(number, fields)
}

/// A text.
pub(super) fn text(text: &str) -> Value {
    Value::text(text)
}

/// A map of these entries.
pub(super) fn map(entries: Vec<(Value, Value)>) -> Value {
    Value::map(entries)
}

/// A function value.
pub(super) fn closure(number: u32, captured: Vec<Value>) -> Value {
    Value::Closure(number, Arc::new(List::new(captured)))
}

/// The library's `Error` record.
pub(super) fn error(failure: &Failure) -> Value {
    let kind = carapace_effect::FailureKind::ALL.iter().position(|kind| *kind == failure.kind);
    let kind = u32::try_from(kind.unwrap_or(0)).unwrap_or(0);
    record(vec![
        Value::Tag(kind),
        text(&failure.message),
        failure.retry_after.map_or(Value::None, Value::Duration),
    ])
}

pub(super) fn as_bool(value: &Value) -> Result<bool, Exit> {
    match value {
        Value::Bool(b) => Ok(*b),
        other => Err(broken(format!("a Bool was promised, here is {}", canonical(other)))),
    }
}

pub(super) fn as_int(value: &Value) -> Result<i64, Exit> {
    match value {
        Value::Int(i) => Ok(*i),
        other => Err(broken(format!("an Int was promised, here is {}", canonical(other)))),
    }
}

pub(super) fn as_text(value: &Value) -> Result<Arc<str>, Exit> {
    match value {
        Value::Text(t) | Value::Regex(t) => Ok(Arc::from(&*t.0)),
        other => Err(broken(format!("a Text was promised, here is {}", canonical(other)))),
    }
}

pub(super) fn items(value: &Value) -> Result<&[Value], Exit> {
    match value {
        Value::List(list) | Value::Record(list) | Value::TagWith(_, list) => Ok(&list.items),
        other => Err(broken(format!("a List was promised, here is {}", canonical(other)))),
    }
}

/// Whether two values say the same.
pub fn same(a: &Value, b: &Value) -> bool {
    canonical(a) == canonical(b)
}

/// The value, written so that equal values are equal texts.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Value) {
    // Writing to a String does not fail.
    let _ = match value {
        Value::None => write!(out, "none"),
        Value::Bool(b) => write!(out, "{b}"),
        Value::Int(i) => write!(out, "{i}"),
        Value::Number(n) => write!(out, "{}e-{}n", { n.mantissa }, n.scale),
        Value::Time(t) => write!(out, "time {t}"),
        Value::Date(d) => write!(out, "date {d}"),
        Value::Duration(d) => write!(out, "{d}ms"),
        Value::Money(m) => {
            let currency: String = m.currency.iter().map(|b| char::from(*b)).collect();
            write!(out, "{}e-{} {currency}", { m.mantissa }, m.scale)
        }
        Value::Text(t) => write!(out, "{:?}", t.0),
        Value::Bytes(b) => write!(out, "bytes {b:?}"),
        Value::Json(j) => write!(out, "json {j}"),
        Value::Regex(r) => write!(out, "re{:?}", r.0),
        Value::Secret(s) => write!(out, "secret {:?}", s.0),
        Value::Closure(..) => write!(out, "a function"),
        Value::Tag(n) => write!(out, "#{n}"),
        Value::TagWith(n, fields) => {
            let _ = write!(out, "#{n}");
            write_all(out, '(', &fields.items, ')');
            Ok(())
        }
        Value::Record(slots) => {
            write_all(out, '{', &slots.items, '}');
            Ok(())
        }
        Value::List(list) => {
            write_all(out, '[', &list.items, ']');
            Ok(())
        }
        Value::Map(map) => {
            out.push('[');
            for (key, value) in &map.entries {
                write_value(out, key);
                out.push(':');
                write_value(out, value);
                out.push(',');
            }
            out.push(']');
            Ok(())
        }
    };
}

fn write_all(out: &mut String, open: char, items: &[Value], close: char) {
    out.push(open);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_value(out, item);
    }
    out.push(close);
}
