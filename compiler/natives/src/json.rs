//! `std/json`.

use crate::Error;
use crate::args::{Answer, json, optional, text as text_arg, value};
use carapace_module::{Decimal, Type, TypeTable, Value};
use serde_json::{Map as JsonMap, Value as Json};

pub(crate) fn parse_json(args: &[Value]) -> Answer {
    Ok(optional(serde_json::from_str(text_arg(args, 0)?).ok().map(Value::json)))
}

pub(crate) fn encode(args: &[Value]) -> Answer {
    Ok(Value::text(json(args, 0)?.to_string()))
}

pub(crate) fn text(args: &[Value]) -> Answer {
    Ok(optional(json(args, 0)?.as_str().map(Value::text)))
}

pub(crate) fn int(args: &[Value]) -> Answer {
    Ok(optional(json(args, 0)?.as_i64().map(Value::Int)))
}

pub(crate) fn number(args: &[Value]) -> Answer {
    let number = match json(args, 0)? {
        Json::Number(n) => Decimal::parse(&n.to_string()),
        _ => None,
    };
    Ok(optional(number.map(Value::Number)))
}

pub(crate) fn bool(args: &[Value]) -> Answer {
    Ok(optional(json(args, 0)?.as_bool().map(Value::Bool)))
}

pub(crate) fn items(args: &[Value]) -> Answer {
    let items = json(args, 0)?.as_array();
    Ok(optional(items.map(|items| Value::list(items.iter().cloned().map(Value::json).collect()))))
}

pub(crate) fn fields(args: &[Value]) -> Answer {
    let fields = json(args, 0)?.as_object();
    let entry = |(name, json): (&String, &Json)| (Value::text(name.as_str()), Value::json(json.clone()));
    Ok(optional(fields.map(|fields| Value::map(fields.iter().map(entry)))))
}

/// How deep JSON may nest that is made of a value: readers of JSON take no more.
const DEEPEST: u16 = 100;

pub(crate) fn to_json(args: &[Value]) -> Answer {
    let value = value(args, 0)?;
    if value.depth() > DEEPEST {
        return Err(Error::refused("it is nested too deep for JSON"));
    }
    Ok(Value::json(plain(value)?))
}

/// JSON by the value alone. Records and tags know their names only by type, so they have none here.
fn plain(value: &Value) -> Result<Json, Error> {
    Ok(match value {
        Value::None => Json::Null,
        Value::List(list) => Json::Array(list.items.iter().map(plain).collect::<Result<_, _>>()?),
        Value::Map(map) => {
            let mut object = JsonMap::new();
            for (key, value) in &map.entries {
                let Value::Text(key) = key else {
                    return Err(Error::refused("only a map by text has a JSON form"));
                };
                object.insert(key.0.to_string(), plain(value)?);
            }
            Json::Object(object)
        }
        Value::Record(_) | Value::Tag(_) | Value::TagWith(..) | Value::Secret(_) | Value::Closure(..) => {
            return Err(Error::refused("this value has no JSON form"));
        }
        scalar => carapace_module::json::to_json(scalar, &Type::Json, &TypeTable::default())
            .map_err(|e| Error::Refused(e.to_string()))?,
    })
}
