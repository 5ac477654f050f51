//! `std/map`.

use crate::Error;
use crate::args::{Answer, count as counted, map, value};
use carapace_module::Value;
use std::sync::Arc;

pub(crate) fn count(args: &[Value]) -> Answer {
    Ok(counted(map(args, 0)?.entries.len()))
}

pub(crate) fn keys(args: &[Value]) -> Answer {
    Ok(Value::list(map(args, 0)?.entries.keys().cloned().collect()))
}

pub(crate) fn values(args: &[Value]) -> Answer {
    Ok(Value::list(map(args, 0)?.entries.values().cloned().collect()))
}

pub(crate) fn put(args: &[Value]) -> Answer {
    let Value::Map(map) = value(args, 0)? else { return Err(Error::Types) };
    let mut map = Arc::clone(map);
    Arc::make_mut(&mut map).insert(value(args, 1)?.clone(), value(args, 2)?.clone());
    Ok(Value::Map(map))
}

pub(crate) fn without(args: &[Value]) -> Answer {
    let Value::Map(map) = value(args, 0)? else { return Err(Error::Types) };
    let mut map = Arc::clone(map);
    Arc::make_mut(&mut map).remove(value(args, 1)?);
    Ok(Value::Map(map))
}
