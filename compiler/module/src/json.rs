//! Values as canonical JSON by type, both ways: events, HTTP bodies, model answers, reports.
//!
//! Time is RFC 3339 text, a date ISO 8601 text, a duration a number of milliseconds, bytes base64, money
//! `{"amount":"50","currency":"EUR"}`, an absent optional no key at all, a tag without fields its name, one with fields
//! `{"tag":"paid","amount":3}`, a map with text keys an object and any other a list of pairs.

use crate::value::{Decimal, MAX_DEPTH, MoneyValue, Value};
use crate::{Field, Type, TypeDef, TypeKind, TypeTable, Variant};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map as JsonMap, Value as Json};
use std::sync::Arc;

/// Why JSON and a type do not agree, and where: `order.items[2].price`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{message}", .path, if .path.is_empty() { "" } else { ": " })]
pub struct Error {
    /// Fields and indices from the outside in; empty for the whole.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl Error {
    fn new(message: impl Into<String>) -> Error {
        Error { path: String::new(), message: message.into() }
    }

    fn at(mut self, step: &str) -> Error {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }
}

/// The canonical JSON of a value of that type.
pub fn to_json(value: &Value, ty: &Type, types: &TypeTable) -> Result<Json, Error> {
    Ok(match (ty, value) {
        (Type::Optional(_) | Type::Nothing, Value::None) => Json::Null,
        (Type::Optional(inner), _) => return to_json(value, inner, types),
        (_, Value::Bool(b)) => Json::Bool(*b),
        (_, Value::Int(i) | Value::Duration(i)) => Json::from(*i),
        (_, Value::Number(d)) => number(*d),
        (_, Value::Time(t)) => Json::String(crate::value::display(&Value::Time(*t), ty, types)),
        (_, Value::Date(d)) => Json::String(crate::value::display(&Value::Date(*d), ty, types)),
        (_, Value::Money(m)) => {
            let mut object = JsonMap::new();
            object.insert("amount".into(), Json::String(m.amount().to_string()));
            object.insert("currency".into(), Json::String(m.code()));
            Json::Object(object)
        }
        (_, Value::Text(t) | Value::Regex(t)) => Json::String(t.0.to_string()),
        (_, Value::Bytes(b)) => Json::String(BASE64.encode(b.as_slice())),
        (_, Value::Json(j)) => j.as_ref().clone(),
        (_, Value::Secret(t)) => Json::Object(JsonMap::from_iter([("secret".into(), Json::from(&*t.0))])),
        (Type::List(item), Value::List(list)) => {
            let mut items = Vec::with_capacity(list.items.len());
            for (i, value) in list.items.iter().enumerate() {
                items.push(to_json(value, item, types).map_err(|e| e.at(&format!("[{i}]")))?);
            }
            Json::Array(items)
        }
        (Type::Map(key, item), Value::Map(map)) => map_to_json(map, key, item, types)?,
        (Type::Declared(id, args), _) => {
            return declared_to_json(value, definition(*id, types)?, args, types);
        }
        _ => return Err(Error::new("this value has no JSON form")),
    })
}

/// Fifteen digits survive the way through a binary number; more are told as text.
fn number(d: Decimal) -> Json {
    let mantissa = d.mantissa;
    if d.scale == 0 {
        return Json::from(mantissa);
    }
    if mantissa.unsigned_abs() < 1_000_000_000_000_000
        && let Some(n) = serde_json::Number::from_f64(d.to_f64())
    {
        return Json::Number(n);
    }
    Json::String(d.to_string())
}

fn map_to_json(map: &crate::value::Map, key: &Type, item: &Type, types: &TypeTable) -> Result<Json, Error> {
    if matches!(key, Type::Text) {
        let mut object = JsonMap::new();
        for (k, v) in &map.entries {
            let name = k.as_text().unwrap_or_default();
            object.insert(name.to_owned(), to_json(v, item, types).map_err(|e| e.at(name))?);
        }
        return Ok(Json::Object(object));
    }
    let mut pairs = Vec::with_capacity(map.entries.len());
    for (k, v) in &map.entries {
        pairs.push(Json::Array(vec![to_json(k, key, types)?, to_json(v, item, types)?]));
    }
    Ok(Json::Array(pairs))
}

fn declared_to_json(value: &Value, def: &TypeDef, args: &[Type], types: &TypeTable) -> Result<Json, Error> {
    match (&def.kind, value) {
        (TypeKind::Record(fields), Value::Record(list)) => {
            let mut object = JsonMap::new();
            fields_to_json(&mut object, fields, &list.items, args, types)?;
            Ok(Json::Object(object))
        }
        (TypeKind::Union(variants), Value::Tag(n)) => Ok(Json::from(&*variant(variants, *n)?.name)),
        (TypeKind::Union(variants), Value::TagWith(n, list)) => {
            let variant = variant(variants, *n)?;
            let mut object = JsonMap::new();
            object.insert("tag".into(), Json::from(&*variant.name));
            fields_to_json(&mut object, &variant.fields, &list.items, args, types)?;
            Ok(Json::Object(object))
        }
        _ => Err(Error::new(format!("this is no `{}`", def.name))),
    }
}

fn fields_to_json(
    object: &mut JsonMap<String, Json>,
    fields: &[Field],
    slots: &[Value],
    args: &[Type],
    types: &TypeTable,
) -> Result<(), Error> {
    for (field, value) in fields.iter().zip(slots) {
        let ty = substitute(&field.ty, args);
        if value.is_none() && matches!(ty, Type::Optional(_)) {
            continue;
        }
        let json = to_json(value, &ty, types).map_err(|e| e.at(&field.name))?;
        object.insert(key(field).to_owned(), json);
    }
    Ok(())
}

/// The value that JSON has as that type. Keys that the type does not know are passed over.
pub fn from_json(json: &Json, ty: &Type, types: &TypeTable) -> Result<Value, Error> {
    from_json_with(json, ty, Reading { types, renamed: None })
}

/// As [`from_json`], with a member renamed wherever it stands.
pub fn from_json_renamed(json: &Json, ty: &Type, types: &TypeTable, to: Renamed<'_>) -> Result<Value, Error> {
    from_json_with(json, ty, Reading { types, renamed: Some(to) })
}

/// Members of this name that have one text have another instead.
#[derive(Debug, Clone, Copy)]
pub struct Renamed<'a> {
    /// The member.
    pub member: &'a str,
    /// The text it has.
    pub from: &'a str,
    /// What it is read as.
    pub to: &'a str,
}

impl Renamed<'_> {
    fn concerns(&self, key: &str, json: &Json) -> bool {
        key == self.member && json.as_str() == Some(self.from)
    }

    /// Whether JSON has such a member.
    fn is_in(&self, json: &Json) -> bool {
        match json {
            Json::Object(map) => {
                map.iter().any(|(key, value)| self.concerns(key, value) || self.is_in(value))
            }
            Json::Array(items) => items.iter().any(|item| self.is_in(item)),
            _ => false,
        }
    }

    fn apply(&self, json: &Json) -> Json {
        match json {
            Json::Object(map) => {
                let member = |(key, value): (&String, &Json)| {
                    let here = self.concerns(key, value);
                    (key.clone(), if here { Json::from(self.to) } else { self.apply(value) })
                };
                Json::Object(map.iter().map(member).collect())
            }
            Json::Array(items) => Json::Array(items.iter().map(|item| self.apply(item)).collect()),
            other => other.clone(),
        }
    }
}

/// What JSON is read with.
#[derive(Clone, Copy)]
struct Reading<'a> {
    types: &'a TypeTable,
    renamed: Option<Renamed<'a>>,
}

impl Reading<'_> {
    /// A member of an object, read.
    fn member(self, key: &str, json: &Json, ty: &Type, depth: u16) -> Result<Value, Error> {
        match self.renamed.filter(|renamed| renamed.concerns(key, json)) {
            Some(renamed) => read(&Json::from(renamed.to), ty, self, depth),
            None => read(json, ty, self, depth),
        }
    }

    fn json(self, json: &Json) -> Json {
        match self.renamed.filter(|renamed| renamed.is_in(json)) {
            Some(renamed) => renamed.apply(json),
            None => json.clone(),
        }
    }
}

fn from_json_with(json: &Json, ty: &Type, with: Reading<'_>) -> Result<Value, Error> {
    let value = read(json, ty, with, 0)?;
    if value.depth() > MAX_DEPTH { Err(Error::new("nested too deep")) } else { Ok(value) }
}

/// Objects have few members as a rule, and to look at each of them is quicker than to hash the key.
const FEW: usize = 16;

fn member<'m>(object: &'m JsonMap<String, Json>, key: &str) -> Option<&'m Json> {
    if object.len() > FEW {
        return object.get(key);
    }
    object.iter().find_map(|(name, json)| (name == key).then_some(json))
}

fn read(json: &Json, ty: &Type, with: Reading<'_>, depth: u16) -> Result<Value, Error> {
    if depth > 256 {
        return Err(Error::new("nested too deep"));
    }
    Ok(match (ty, json) {
        (Type::Json, _) => Value::Json(Arc::new(with.json(json))),
        (Type::Optional(_) | Type::Nothing, Json::Null) => Value::None,
        (Type::Nothing, _) => Value::None,
        (Type::Optional(inner), _) => return read(json, inner, with, depth),
        (Type::Bool, Json::Bool(b)) => Value::Bool(*b),
        (Type::Int, Json::Number(n)) => match n.as_i64() {
            Some(i) => Value::Int(i),
            None => match n.as_f64().filter(|f| f.fract() == 0.0).and_then(Decimal::from_f64) {
                Some(d) if d.scale == 0 => Value::Int(d.mantissa),
                _ => return Err(wanted("a whole number", json)),
            },
        },
        (Type::Number, Json::Number(n)) => match Decimal::parse(&n.to_string()) {
            Some(d) => Value::Number(d),
            None => return Err(Error::new(format!("the number `{n}` has more digits than fit"))),
        },
        (Type::Duration, Json::Number(n)) if n.is_i64() => Value::Duration(n.as_i64().unwrap_or_default()),
        (Type::Text | Type::Template(_), Json::String(s)) => Value::text(s.as_str()),
        (_, Json::String(s)) if text_form(ty) => from_text(s, ty)?,
        (Type::Money, Json::Object(object)) => {
            money(object).ok_or_else(|| wanted("an amount of money", json))?
        }
        (Type::Secret, Json::Object(object)) => match object.get("secret") {
            Some(Json::String(s)) => Value::Secret(Arc::new(crate::value::Text(s.as_str().into()))),
            _ => return Err(wanted("a secret's handle", json)),
        },
        (Type::List(item), Json::Array(items)) => {
            let mut list = Vec::with_capacity(items.len());
            for (i, json) in items.iter().enumerate() {
                list.push(read(json, item, with, depth + 1).map_err(|e| e.at(&format!("[{i}]")))?);
            }
            Value::list(list)
        }
        (Type::Map(k, v), _) => read_map(json, k, v, with, depth)?,
        (Type::Declared(id, args), _) => {
            return read_declared(json, definition(*id, with.types)?, args, with, depth);
        }
        _ => return Err(wanted(name(ty), json)),
    })
}

const fn text_form(ty: &Type) -> bool {
    matches!(ty, Type::Number | Type::Time | Type::Date | Type::Bytes | Type::Money | Type::Regex)
}

fn from_text(text: &str, ty: &Type) -> Result<Value, Error> {
    let value = match ty {
        Type::Number => Decimal::parse(text).map(Value::Number),
        Type::Time => text.parse::<jiff::Timestamp>().ok().map(|t| Value::Time(t.as_millisecond())),
        Type::Date => text.parse::<jiff::civil::Date>().ok().and_then(days).map(Value::Date),
        Type::Bytes => BASE64.decode(text).ok().map(Value::bytes),
        Type::Money => MoneyValue::parse(text).map(Value::Money),
        Type::Regex => Some(Value::Regex(Arc::new(crate::value::Text(text.into())))),
        _ => None,
    };
    value.ok_or_else(|| Error::new(format!("`{}` is no {}", shorten(text), name(ty))))
}

/// Days since 1970-01-01.
fn days(date: jiff::civil::Date) -> Option<i32> {
    date.since(jiff::civil::date(1970, 1, 1)).ok().map(|span| span.get_days())
}

fn money(object: &JsonMap<String, Json>) -> Option<Value> {
    let amount = match object.get("amount")? {
        Json::String(s) => Decimal::parse(s)?,
        Json::Number(n) => Decimal::parse(&n.to_string())?,
        _ => return None,
    };
    let code: [u8; 3] = object.get("currency")?.as_str()?.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_uppercase).then(|| Value::Money(MoneyValue::new(amount, code)))
}

fn read_map(json: &Json, key: &Type, item: &Type, with: Reading<'_>, depth: u16) -> Result<Value, Error> {
    let mut entries = Vec::new();
    match json {
        Json::Object(object) if matches!(key, Type::Text) => {
            for (k, v) in object {
                entries.push((
                    Value::text(k.as_str()),
                    with.member(k, v, item, depth + 1).map_err(|e| e.at(k))?,
                ));
            }
        }
        Json::Array(pairs) => {
            for (i, pair) in pairs.iter().enumerate() {
                let at = |e: Error| e.at(&format!("[{i}]"));
                let Json::Array(pair) = pair else { return Err(at(wanted("a pair", pair))) };
                let [k, v] = pair.as_slice() else { return Err(at(Error::new("a pair has two items"))) };
                entries.push((
                    read(k, key, with, depth + 1).map_err(at)?,
                    read(v, item, with, depth + 1).map_err(at)?,
                ));
            }
        }
        _ => return Err(wanted("a map", json)),
    }
    Ok(Value::map(entries))
}

fn read_declared(
    json: &Json,
    def: &TypeDef,
    args: &[Type],
    with: Reading<'_>,
    depth: u16,
) -> Result<Value, Error> {
    match (&def.kind, json) {
        (TypeKind::Record(fields), Json::Object(object)) => {
            Ok(Value::record(read_fields(object, fields, args, with, depth)?))
        }
        (TypeKind::Record(_), _) => Err(wanted(&format!("a `{}`", def.name), json)),
        (TypeKind::Union(variants), _) => {
            let (tag, object) = match json {
                Json::String(tag) => (tag.as_str(), None),
                Json::Object(object) => match object.get("tag") {
                    Some(Json::String(tag)) => (tag.as_str(), Some(object)),
                    _ => return Err(Error::new("`tag` is missing")),
                },
                _ => return Err(wanted(&format!("a `{}`", def.name), json)),
            };
            let number = variants.iter().position(|v| &*v.name == tag);
            let Some((number, variant)) = number.and_then(|n| Some((n, variants.get(n)?))) else {
                let names: Vec<_> = variants.iter().map(|v| format!("`{}`", v.name)).collect();
                return Err(Error::new(format!("`{}` is none of {}", shorten(tag), names.join(", "))));
            };
            let empty = JsonMap::new();
            let fields = read_fields(object.unwrap_or(&empty), &variant.fields, args, with, depth)?;
            Ok(Value::tag(u32::try_from(number).unwrap_or(u32::MAX), fields))
        }
    }
}

fn read_fields(
    object: &JsonMap<String, Json>,
    fields: &[Field],
    args: &[Type],
    with: Reading<'_>,
    depth: u16,
) -> Result<Vec<Value>, Error> {
    let mut slots = Vec::with_capacity(fields.len());
    for field in fields {
        // Most types have no parameters, and then there is nothing to put in their place.
        let given;
        let ty = if args.is_empty() {
            &field.ty
        } else {
            given = substitute(&field.ty, args);
            &given
        };
        match member(object, key(field)) {
            Some(json) => {
                slots.push(with.member(key(field), json, ty, depth + 1).map_err(|e| e.at(key(field)))?);
            }
            None if matches!(ty, Type::Optional(_) | Type::Nothing) => slots.push(Value::None),
            None => return Err(Error::new("is missing").at(key(field))),
        }
    }
    Ok(slots)
}

fn key(field: &Field) -> &str {
    field.json_key.as_deref().unwrap_or(&field.name)
}

fn definition(id: crate::TypeId, types: &TypeTable) -> Result<&TypeDef, Error> {
    types.get(id).ok_or_else(|| Error::new("the type is not in this module"))
}

fn variant(variants: &[Variant], number: u32) -> Result<&Variant, Error> {
    variants.get(number as usize).ok_or_else(|| Error::new("there is no such tag"))
}

/// The type with parameters replaced.
pub fn substitute(ty: &Type, args: &[Type]) -> Type {
    match ty {
        Type::Param(n) => args.get(*n as usize).cloned().unwrap_or(Type::Json),
        Type::List(t) => Type::list(substitute(t, args)),
        Type::Map(k, v) => Type::Map(Arc::new(substitute(k, args)), Arc::new(substitute(v, args))),
        Type::Optional(t) => substitute(t, args).optional(),
        Type::Declared(id, inner) if !inner.is_empty() => {
            Type::Declared(*id, inner.iter().map(|t| substitute(t, args)).collect())
        }
        _ => ty.clone(),
    }
}

fn wanted(what: &str, json: &Json) -> Error {
    let got = match json {
        Json::Null => "nothing".to_owned(),
        Json::Bool(b) => format!("`{b}`"),
        Json::Number(n) => format!("`{n}`"),
        Json::String(s) => format!("the text `{}`", shorten(s)),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    };
    Error::new(format!("wanted {what}, got {got}"))
}

fn shorten(text: &str) -> String {
    if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text.to_owned() }
}

const fn name(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "true or false",
        Type::Int => "a whole number",
        Type::Number => "a number",
        Type::Text | Type::Template(_) => "a text",
        Type::Bytes => "base64",
        Type::Time => "a time",
        Type::Date => "a date",
        Type::Duration => "a number of milliseconds",
        Type::Money => "an amount of money",
        Type::Regex => "a regular expression",
        Type::Secret => "a secret's handle",
        Type::List(_) => "a list",
        Type::Map(..) => "a map",
        _ => "another value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(name: &str, ty: Type) -> Field {
        Field { name: name.into(), json_key: None, docs: None, ty }
    }

    fn table() -> TypeTable {
        let def = |name: &str, kind| TypeDef { name: name.into(), docs: None, params: 0, kind };
        let variant = |name: &str, fields| Variant { name: name.into(), docs: None, fields };
        TypeTable {
            types: vec![
                def(
                    "main.Pay",
                    TypeKind::Union(vec![
                        variant("open", vec![]),
                        variant("paid", vec![field("amount", Type::Money)]),
                    ]),
                ),
                def(
                    "main.Order",
                    TypeKind::Record(vec![
                        Field { json_key: Some("content-type".into()), ..field("kind", Type::Text) },
                        field("pay", Type::declared(crate::TypeId(0))),
                        field("at", Type::Time.optional()),
                        field("lines", Type::list(Type::Number)),
                    ]),
                ),
            ],
        }
    }

    #[test]
    fn there_and_back() {
        let (types, ty) = (table(), Type::declared(crate::TypeId(1)));
        for json in [
            json!({"content-type": "a", "pay": "open", "lines": [1.5, 2, "0.123456789012345678"]}),
            json!({"content-type": "a", "pay": {"tag": "paid", "amount": {"amount": "5", "currency": "EUR"}},
                   "at": "2026-11-24T05:00:00.5Z", "lines": []}),
        ] {
            let value = from_json(&json, &ty, &types).unwrap();
            assert_eq!(to_json(&value, &ty, &types).unwrap(), json);
        }
    }

    #[test]
    fn errors_name_the_place() {
        let (types, ty) = (table(), Type::declared(crate::TypeId(1)));
        let tell = |json| from_json(&json, &ty, &types).unwrap_err().to_string();
        assert_eq!(
            tell(json!({"content-type": "a", "pay": "open", "lines": [1, true]})),
            "lines[1]: wanted a number, got `true`"
        );
        assert_eq!(
            tell(json!({"content-type": "a", "pay": "late", "lines": []})),
            "pay: `late` is none of `open`, `paid`"
        );
        assert_eq!(tell(json!({"pay": "open"})), "content-type: is missing");
    }
}
