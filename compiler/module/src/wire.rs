//! Values as JSON without types, lossless: what journals hold.
//!
//! `null`, booleans, strings, arrays and integers are themselves; everything else is an object with one key that begins
//! with `$`. A reader needs no type table, so a record can be read long after its module is gone.

use crate::codec::{Reader, Writer};
use crate::value::{Decimal, MAX_DEPTH, MoneyValue, Text, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Serialize, Serializer};
use serde_json::{Map as JsonMap, Value as Json, json};
use std::sync::Arc;

/// Why a journal's value cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no value of a journal: {0}")]
pub struct Error(&'static str);

/// Beyond this depth a value is written as bytes: readers of JSON bound how deep it nests, and a journal must be
/// readable for any of them.
const DEEPEST: u16 = 32;

/// Writes the journal's form, as that of [`encode`] would be written.
///
/// # Errors
/// Those of the serializer.
pub fn write<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    if value.depth() > DEEPEST {
        encode(value).serialize(serializer)
    } else {
        Written(value).serialize(serializer)
    }
}

/// A value that is written without being made JSON first, as far as that is worth it.
struct Written<'a>(&'a Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::None => serializer.serialize_unit(),
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::Int(i) => serializer.serialize_i64(*i),
            Value::Text(text) => serializer.serialize_str(&text.0),
            Value::List(list) => serializer.collect_seq(list.items.iter().map(Written)),
            Value::Record(list) => {
                serializer.collect_map([("$r", list.items.iter().map(Written).collect::<Vec<_>>())])
            }
            Value::Json(json) => serializer.collect_map([("$json", json.as_ref())]),
            other => form(other).serialize(serializer),
        }
    }
}

/// The journal's form.
pub fn encode(value: &Value) -> Json {
    if value.depth() > DEEPEST {
        let mut writer = Writer::default();
        writer.value(value);
        return json!({ "$deep": BASE64.encode(writer.bytes) });
    }
    form(value)
}

fn form(value: &Value) -> Json {
    let all = |items: &[Value]| Json::Array(items.iter().map(form).collect());
    match value {
        Value::None => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(i) => Json::from(*i),
        Value::Text(t) => Json::from(&*t.0),
        Value::List(l) => all(&l.items),
        Value::Number(d) => json!({ "$n": d.to_string() }),
        Value::Time(t) => json!({ "$t": t }),
        Value::Date(d) => json!({ "$d": d }),
        Value::Duration(d) => json!({ "$ms": d }),
        Value::Money(m) => json!({ "$m": m.to_string() }),
        Value::Bytes(b) => json!({ "$b": BASE64.encode(b.as_slice()) }),
        Value::Map(m) => {
            let pairs: Vec<Json> = m.entries.iter().map(|(k, v)| json!([form(k), form(v)])).collect();
            json!({ "$map": pairs })
        }
        Value::Record(l) => json!({ "$r": all(&l.items) }),
        Value::Tag(n) => json!({ "$tag": [n] }),
        Value::TagWith(n, l) => {
            let mut items = vec![Json::from(*n)];
            items.extend(l.items.iter().map(form));
            json!({ "$tag": items })
        }
        Value::Json(j) => json!({ "$json": j.as_ref() }),
        Value::Regex(t) => json!({ "$re": &*t.0 }),
        Value::Secret(t) => json!({ "$secret": &*t.0 }),
        Value::Closure(n, l) => {
            let mut items = vec![Json::from(*n)];
            items.extend(l.items.iter().map(form));
            json!({ "$fn": items })
        }
    }
}

/// The value again.
pub fn decode(json: &Json) -> Result<Value, Error> {
    let value = read(json, 0)?;
    if value.depth() > MAX_DEPTH { Err(Error("nested too deep")) } else { Ok(value) }
}

fn read(json: &Json, depth: u16) -> Result<Value, Error> {
    if depth > MAX_DEPTH {
        return Err(Error("nested too deep"));
    }
    Ok(match json {
        Json::Null => Value::None,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Int(n.as_i64().ok_or(Error("a number that is no integer"))?),
        Json::String(s) => Value::text(s.as_str()),
        Json::Array(items) => Value::list(read_all(items, depth)?),
        Json::Object(object) => read_object(object, depth)?,
    })
}

fn read_all(items: &[Json], depth: u16) -> Result<Vec<Value>, Error> {
    items.iter().map(|item| read(item, depth + 1)).collect()
}

fn read_object(object: &JsonMap<String, Json>, depth: u16) -> Result<Value, Error> {
    let mut members = object.iter();
    let (Some((key, json)), None) = (members.next(), members.next()) else {
        return Err(Error("an object of other than one member"));
    };
    let text = || json.as_str().ok_or(Error("a text is missing"));
    let int = || json.as_i64().ok_or(Error("an integer is missing"));
    let array = || json.as_array().ok_or(Error("an array is missing"));
    let shared = |s: &str| Arc::new(Text(s.into()));
    Ok(match key.as_str() {
        "$n" => Value::Number(Decimal::parse(text()?).ok_or(Error("a bad number"))?),
        "$t" => Value::Time(int()?),
        "$d" => Value::Date(i32::try_from(int()?).map_err(|_| Error("a bad date"))?),
        "$ms" => Value::Duration(int()?),
        "$m" => Value::Money(MoneyValue::parse(text()?).ok_or(Error("bad money"))?),
        "$deep" => {
            let bytes = BASE64.decode(text()?).map_err(|_| Error("bad base64"))?;
            let mut reader = Reader::new(&bytes);
            let value = reader.value().map_err(|_| Error("bad bytes"))?;
            if !reader.is_done() {
                return Err(Error("bytes behind a value"));
            }
            value
        }
        "$b" => Value::bytes(BASE64.decode(text()?).map_err(|_| Error("bad base64"))?),
        "$map" => {
            let mut entries = Vec::new();
            for pair in array()? {
                let [k, v] = pair.as_array().map(Vec::as_slice).unwrap_or_default() else {
                    return Err(Error("a bad pair"));
                };
                entries.push((read(k, depth + 1)?, read(v, depth + 1)?));
            }
            Value::map(entries)
        }
        "$r" => Value::record(read_all(array()?, depth)?),
        "$tag" | "$fn" => {
            let (number, rest) = array()?.split_first().ok_or(Error("a tag without a number"))?;
            let number =
                number.as_u64().and_then(|n| u32::try_from(n).ok()).ok_or(Error("a bad tag number"))?;
            let items = read_all(rest, depth)?;
            if key == "$fn" {
                Value::Closure(number, Arc::new(crate::value::List::new(items)))
            } else {
                Value::tag(number, items)
            }
        }
        "$json" => Value::json(json.clone()),
        "$re" => Value::Regex(shared(text()?)),
        "$secret" => Value::Secret(shared(text()?)),
        _ => return Err(Error("an unknown member")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_value_can_be_read_by_any_reader_of_json() {
        let mut value = Value::Int(1);
        let mut json = json!(1);
        for _ in 0..120 {
            value = Value::record(vec![value]);
            json = json!([json]);
        }
        for value in [value, Value::record(vec![Value::json(json)])] {
            let text = encode(&value).to_string();
            assert_eq!(decode(&serde_json::from_str(&text).unwrap()), Ok(value));
        }
    }

    #[test]
    fn nothing_is_lost() {
        let values = vec![
            Value::None,
            Value::Int(i64::MIN),
            Value::Number(Decimal::parse("-1.000000000000000001").unwrap()),
            Value::Money(MoneyValue::parse("50.25 EUR").unwrap()),
            Value::map([(Value::Int(1), Value::text("$n")), (Value::Tag(2), Value::Date(-3))]),
            Value::record(vec![Value::tag(7, vec![Value::Duration(-1)]), Value::bytes(vec![0, 255])]),
            Value::json(json!({"$n": [1.5, null]})),
        ];
        for value in values {
            assert_eq!(decode(&encode(&value)), Ok(value));
        }
        assert!(decode(&json!({"$x": 1})).is_err());
        assert!(decode(&json!({"$deep": "AAA="})).is_err());
        assert!(decode(&json!(1.5)).is_err());
    }
}
