//! `std/list`.

use crate::Error;
use crate::args::{Answer, LARGEST, count as counted, int, list, range, text, value};
use carapace_module::Value;
use carapace_module::value::arith::{Operation, calculate};
use std::cmp::Ordering;
use std::collections::HashSet;

pub(crate) fn count(args: &[Value]) -> Answer {
    Ok(counted(list(args, 0)?.items.len()))
}

pub(crate) fn slice(args: &[Value]) -> Answer {
    let items = &list(args, 0)?.items;
    let range = range(int(args, 1)?, int(args, 2)?, items.len());
    Ok(Value::list(items.get(range).unwrap_or_default().to_vec()))
}

pub(crate) fn reverse(args: &[Value]) -> Answer {
    Ok(Value::list(list(args, 0)?.items.iter().rev().cloned().collect()))
}

pub(crate) fn sort(args: &[Value]) -> Answer {
    let mut items = list(args, 0)?.items.clone();
    ordered(&items)?;
    items.sort_by(|a, b| order(a, b).unwrap_or(Ordering::Equal));
    Ok(Value::list(items))
}

pub(crate) fn sort_like(args: &[Value]) -> Answer {
    let (items, keys) = (&list(args, 0)?.items, &list(args, 1)?.items);
    if items.len() != keys.len() {
        return Err(Error::refused("the list of keys is of another length"));
    }
    ordered(keys)?;
    let mut pairs: Vec<(&Value, &Value)> = keys.iter().zip(items).collect();
    pairs.sort_by(|(a, _), (b, _)| order(a, b).unwrap_or(Ordering::Equal));
    Ok(Value::list(pairs.into_iter().map(|(_, item)| item.clone()).collect()))
}

/// An error where two neighbours have no order: then it would be none to sort by.
fn ordered(items: &[Value]) -> Result<(), Error> {
    for (a, b) in items.iter().zip(items.iter().skip(1)) {
        order(a, b)?;
    }
    Ok(())
}

/// The order of two values of one type: none first, tags by their place in the declaration.
fn order(a: &Value, b: &Value) -> Result<Ordering, Error> {
    match (a, b) {
        (Value::None, Value::None) => Ok(Ordering::Equal),
        (Value::None, _) => Ok(Ordering::Less),
        (_, Value::None) => Ok(Ordering::Greater),
        (Value::List(a) | Value::Record(a), Value::List(b) | Value::Record(b)) => {
            for (a, b) in a.items.iter().zip(&b.items) {
                match order(a, b)? {
                    Ordering::Equal => {}
                    other => return Ok(other),
                }
            }
            Ok(a.items.len().cmp(&b.items.len()))
        }
        _ => {
            carapace_module::value::compare(a, b).ok_or_else(|| Error::refused("these values have no order"))
        }
    }
}

pub(crate) fn distinct(args: &[Value]) -> Answer {
    let mut seen = HashSet::new();
    let items = &list(args, 0)?.items;
    Ok(Value::list(items.iter().filter(|item| seen.insert(*item)).cloned().collect()))
}

pub(crate) fn grouped(args: &[Value]) -> Answer {
    let (items, keys) = (&list(args, 0)?.items, &list(args, 1)?.items);
    if items.len() != keys.len() {
        return Err(Error::refused("the list of keys is of another length"));
    }
    let mut groups = indexmap::IndexMap::<&Value, Vec<Value>>::new();
    for (key, item) in keys.iter().zip(items) {
        groups.entry(key).or_default().push(item.clone());
    }
    Ok(Value::map(groups.into_iter().map(|(key, items)| (key.clone(), Value::list(items)))))
}

pub(crate) fn join(args: &[Value]) -> Answer {
    let (items, separator) = (&list(args, 0)?.items, text(args, 1)?);
    let mut out = String::new();
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push_str(separator);
        }
        out.push_str(item.as_text().ok_or(Error::Types)?);
        if out.len() > LARGEST {
            return Err(Error::TooLarge);
        }
    }
    Ok(Value::text(out))
}

pub(crate) fn compare(args: &[Value]) -> Answer {
    Ok(Value::Int(order(value(args, 0)?, value(args, 1)?)? as i64))
}

pub(crate) fn add(args: &[Value]) -> Answer {
    Ok(calculate(Operation::Add, value(args, 0)?, value(args, 1)?)?)
}
