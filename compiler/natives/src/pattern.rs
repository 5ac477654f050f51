//! Compiled regular expressions, kept by their source: expressions stand in the source of flows, so there are few.

use crate::Error;
use carapace_module::Value;
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// More expressions than any set of deployments has; beyond it, the cache starts anew.
const KEPT: usize = 4_096;
/// Bytes that one compiled expression may take.
const SIZE: usize = 1 << 20;

static CACHE: LazyLock<RwLock<HashMap<(String, bool), Regex>>> = LazyLock::new(RwLock::default);

/// The compiled expression; with `fold` it ignores case. An expression that does not compile is an error, and so is
/// one that grows too large.
pub fn compiled(source: &str, fold: bool) -> Result<Regex, Error> {
    let key = (source.to_owned(), fold);
    if let Some(regex) = CACHE.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(regex.clone());
    }
    let regex = RegexBuilder::new(source).case_insensitive(fold).size_limit(SIZE).build();
    let regex = regex.map_err(|e| Error::Refused(e.to_string()))?;
    let mut cache = CACHE.write().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= KEPT {
        cache.clear();
    }
    cache.insert(key, regex.clone());
    Ok(regex)
}

/// Whether the text matches anywhere.
pub fn matches(text: &Value, regex: &Value, fold: bool) -> Result<bool, Error> {
    let (Value::Text(text), Value::Regex(source)) = (text, regex) else { return Err(Error::Types) };
    Ok(compiled(&source.0, fold)?.is_match(&text.0))
}

/// The named groups of the first match as a record, in the order of `names`; none where nothing matches. A group that
/// took no part is none in it.
pub fn captures(text: &Value, regex: &Value, names: &Value, fold: bool) -> Result<Value, Error> {
    let (Value::Text(text), Value::Regex(source)) = (text, regex) else { return Err(Error::Types) };
    let names = names.as_list().ok_or(Error::Types)?;
    let regex = compiled(&source.0, fold)?;
    let Some(found) = regex.captures(&text.0) else { return Ok(Value::None) };
    let slot = |name: &Value| {
        name.as_text().and_then(|name| found.name(name)).map_or(Value::None, |m| Value::text(m.as_str()))
    };
    Ok(Value::record(names.iter().map(slot).collect()))
}
