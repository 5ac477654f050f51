//! Whether JSON has the shape that a schema describes: those schemas that `carapace_module::schema` writes.

use serde_json::{Map, Value as Json, json};

/// So deep a schema that holds itself is followed.
const DEEPEST: usize = 64;

/// A schema whose root is an object: a model is asked for no other.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// The schema of what is asked for.
    pub(super) schema: Json,
    /// Whether what is wanted stands under `value` in it.
    wrapped: bool,
}

impl Shape {
    /// The schema of a type, or of an object that holds it.
    pub(super) fn of(schema: &Json) -> Shape {
        if schema.get("type").and_then(Json::as_str) == Some("object") {
            return Shape { schema: schema.clone(), wrapped: false };
        }
        let mut inner = schema.clone();
        let definitions = inner.as_object_mut().and_then(|inner| inner.remove("$defs"));
        let mut outer = json!({
            "type": "object",
            "properties": { "value": inner },
            "required": ["value"],
            "additionalProperties": false,
        });
        if let (Some(definitions), Some(outer)) = (definitions, outer.as_object_mut()) {
            outer.insert("$defs".to_owned(), definitions);
        }
        Shape { schema: outer, wrapped: true }
    }

    /// Whether a provider can hold a model to it: nothing in it is left open, and it holds itself nowhere.
    pub(super) fn is_closed(&self) -> bool {
        self.schema.get("$defs").is_none() && is_closed(&self.schema)
    }

    /// What an answer says.
    ///
    /// # Errors
    /// What is wrong with it, in words for the model.
    pub(super) fn read(&self, text: &str) -> Result<Json, String> {
        let mut json = parse(text).ok_or("it is no JSON")?;
        // Some leave the object out that holds what is wanted.
        let bare = self.wrapped && json.get("value").is_none();
        if bare && let Some(inner) = self.schema.pointer("/properties/value") {
            Checker { root: &self.schema }.check(inner, &json, "", 0)?;
            return Ok(json);
        }
        Checker { root: &self.schema }.check(&self.schema, &json, "", 0)?;
        match (self.wrapped, json.get_mut("value")) {
            (true, Some(value)) => Ok(value.take()),
            _ => Ok(json),
        }
    }
}

/// The JSON in a text: all of it, what stands in a fenced block, or what begins and ends as an object or a list does.
fn parse(text: &str) -> Option<Json> {
    let text = text.trim();
    let whole = serde_json::from_str(text).ok();
    whole.or_else(|| {
        let from = text.find(['{', '['])?;
        let to = text.rfind(['}', ']'])?;
        serde_json::from_str(text.get(from..=to)?).ok()
    })
}

fn is_closed(schema: &Json) -> bool {
    let Some(schema) = schema.as_object() else { return false };
    let all =
        |key: &str| schema.get(key).and_then(Json::as_array).is_none_or(|list| list.iter().all(is_closed));
    let says_something = ["type", "anyOf", "enum", "const"].iter().any(|key| schema.contains_key(*key));
    let object = schema.get("type").and_then(Json::as_str) == Some("object");
    let shut = !object || schema.get("additionalProperties") == Some(&Json::Bool(false));
    let properties = schema.get("properties").and_then(Json::as_object);
    says_something
        && shut
        && !schema.contains_key("prefixItems")
        && schema.get("items").is_none_or(is_closed)
        && properties.is_none_or(|properties| properties.values().all(is_closed))
        && all("anyOf")
}

struct Checker<'a> {
    root: &'a Json,
}

impl Checker<'_> {
    fn check(&self, schema: &Json, value: &Json, at: &str, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Err(format!("{} is too deep", place(at)));
        }
        let Some(schema) = schema.as_object() else { return Ok(()) };
        if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
            let target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            return target.map_or(Ok(()), |target| self.check(target, value, at, depth + 1));
        }
        if let Some(forms) = schema.get("anyOf").and_then(Json::as_array) {
            self.any(forms, value, at, depth)?;
        }
        if let Some(only) = schema.get("const").filter(|only| *only != value) {
            return Err(format!("{} is not `{only}`", place(at)));
        }
        if let Some(choices) =
            schema.get("enum").and_then(Json::as_array).filter(|list| !list.contains(value))
        {
            let choices: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
            return Err(format!("{} is none of {}", place(at), choices.join(", ")));
        }
        if let Some(wanted) = schema.get("type").and_then(Json::as_str)
            && !is(wanted, value)
        {
            return Err(format!("{} is {}, not {}", place(at), noun(value), words(wanted)));
        }
        match value {
            Json::Object(object) => self.object(schema, object, at, depth),
            Json::Array(list) => self.list(schema, list, at, depth),
            Json::String(text) => self.text(schema, text, at),
            _ => Ok(()),
        }
    }

    /// Where none fits, what is told is what keeps it from the one that it comes nearest to.
    fn any(&self, forms: &[Json], value: &Json, at: &str, depth: usize) -> Result<(), String> {
        let mut wrong: Vec<String> = Vec::new();
        for form in forms {
            match self.check(form, value, at, depth + 1) {
                Ok(()) => return Ok(()),
                Err(why) => wrong.push(why),
            }
        }
        let tag = value.get("tag").and_then(Json::as_str);
        let of_tag = |form: &Json| {
            tag.is_some() && form.pointer("/properties/tag/const").and_then(Json::as_str) == tag
        };
        let near = forms.iter().position(of_tag).and_then(|at| wrong.get(at).cloned());
        wrong.dedup();
        Err(near.unwrap_or_else(|| wrong.join(", or ")))
    }

    fn object(
        &self,
        schema: &Map<String, Json>,
        object: &Map<String, Json>,
        at: &str,
        depth: usize,
    ) -> Result<(), String> {
        let required = schema.get("required").and_then(Json::as_array).into_iter().flatten();
        if let Some(missing) = required.filter_map(Json::as_str).find(|key| !object.contains_key(*key)) {
            return Err(format!("{} is missing", place(&below(at, missing))));
        }
        let properties = schema.get("properties").and_then(Json::as_object);
        for (key, value) in object {
            let at = below(at, key);
            match (properties.and_then(|properties| properties.get(key)), schema.get("additionalProperties"))
            {
                (Some(schema), _) => self.check(schema, value, &at, depth + 1)?,
                (None, Some(Json::Bool(false))) => return Err(format!("{} is not asked for", place(&at))),
                (None, Some(rest)) => self.check(rest, value, &at, depth + 1)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn list(&self, schema: &Map<String, Json>, list: &[Json], at: &str, depth: usize) -> Result<(), String> {
        let first = schema.get("prefixItems").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let rest = schema.get("items");
        if list.len() < first.len() || rest == Some(&Json::Bool(false)) && list.len() > first.len() {
            return Err(format!("{} has {} elements, not {}", place(at), list.len(), first.len()));
        }
        for (n, value) in list.iter().enumerate() {
            if let Some(schema) = first.get(n).or(rest) {
                self.check(schema, value, &format!("{at}[{n}]"), depth + 1)?;
            }
        }
        Ok(())
    }

    fn text(&self, schema: &Map<String, Json>, text: &str, at: &str) -> Result<(), String> {
        let said = |key: &str| schema.get(key).and_then(Json::as_str);
        let wrong = |what: &str| Err(format!("{} is `{text}`, which is no {what}", place(at)));
        match said("format") {
            Some("date-time") if text.parse::<jiff::Timestamp>().is_err() => {
                return wrong("time such as `2026-01-31T09:30:00Z`");
            }
            Some("date") if text.parse::<jiff::civil::Date>().is_err() => {
                return wrong("date such as `2026-01-31`");
            }
            _ => {}
        }
        // The one pattern that is written: a currency.
        if said("pattern").is_some()
            && (text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_uppercase()))
        {
            return wrong("currency such as `EUR`");
        }
        Ok(())
    }
}

fn is(wanted: &str, value: &Json) -> bool {
    match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => true,
    }
}

fn words(wanted: &str) -> &str {
    match wanted {
        "object" => "an object",
        "array" => "a list",
        "string" => "a text",
        "boolean" => "`true` or `false`",
        "null" => "`null`",
        "number" => "a number",
        "integer" => "a whole number",
        _ => wanted,
    }
}

fn noun(value: &Json) -> &'static str {
    match value {
        Json::Object(_) => "an object",
        Json::Array(_) => "a list",
        Json::String(_) => "a text",
        Json::Bool(_) => "`true` or `false`",
        Json::Null => "`null`",
        Json::Number(_) => "a number",
    }
}

fn below(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

fn place(at: &str) -> String {
    if at.is_empty() { "it".to_owned() } else { format!("`{at}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Json {
        json!({
            "type": "object",
            "properties": {
                "number": { "type": "integer" },
                "kind": { "type": "string", "enum": ["late", "broken"] },
                "note": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
                "day": { "type": "string", "format": "date" },
                "paid": {
                    "type": "object",
                    "properties": {
                        "amount": { "type": "string" },
                        "currency": { "type": "string", "pattern": "^[A-Z]{3}$" },
                    },
                    "required": ["amount", "currency"],
                    "additionalProperties": false,
                },
                "lines": { "type": "array", "items": { "type": "number" } },
            },
            "required": ["number", "kind"],
            "additionalProperties": false,
        })
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let shape = Shape::of(&order());
        for (text, wrong) in [
            (r#"{"number": 1, "kind": "late"}"#, None),
            (r#"{"number": 1, "kind": "late", "note": null, "day": "2026-01-31", "lines": [1, 2.5]}"#, None),
            ("Here:\n```json\n{\"number\": 1, \"kind\": \"late\"}\n```\nBye!", None),
            ("I do not know", Some("it is no JSON")),
            ("[]", Some("it is a list, not an object")),
            (r#"{"kind": "late"}"#, Some("`number` is missing")),
            (r#"{"number": 1.5, "kind": "late"}"#, Some("`number` is a number, not a whole number")),
            (r#"{"number": 1, "kind": "lost"}"#, Some("`kind` is none of `\"late\"`, `\"broken\"`")),
            (r#"{"number": 1, "kind": "late", "x": 1}"#, Some("`x` is not asked for")),
            (
                r#"{"number": 1, "kind": "late", "note": 1}"#,
                Some("`note` is a number, not a text, or `note` is a number, not `null`"),
            ),
            (
                r#"{"number": 1, "kind": "late", "day": "May"}"#,
                Some("`day` is `May`, which is no date such as `2026-01-31`"),
            ),
            (
                r#"{"number": 1, "kind": "late", "lines": [1, "2"]}"#,
                Some("`lines[1]` is a text, not a number"),
            ),
            (
                r#"{"number": 1, "kind": "late", "paid": {"amount": "1", "currency": "euro"}}"#,
                Some("`paid.currency` is `euro`, which is no currency such as `EUR`"),
            ),
        ] {
            assert_eq!(shape.read(text).err().as_deref(), wrong, "{text}");
        }
    }

    #[test]
    fn what_is_no_object_is_wrapped_and_taken_out_again() {
        let list = Shape::of(&json!({ "type": "array", "items": { "type": "string" } }));
        assert_eq!(list.schema["required"], json!(["value"]));
        assert_eq!(list.read(r#"{"value": ["a"]}"#), Ok(json!(["a"])));
        assert_eq!(list.read(r#"["a", "b"]"#), Ok(json!(["a", "b"])), "also where the model leaves it out");
        assert_eq!(list.read(r#"{"value": [1]}"#).unwrap_err(), "`value[0]` is a number, not a text");
        assert_eq!(list.read("[1]").unwrap_err(), "`[0]` is a number, not a text");
    }

    #[test]
    fn of_several_forms_the_nearest_says_what_is_wrong() {
        let variant = |tag: &str, field: &str| {
            json!({
                "type": "object",
                "properties": { "tag": { "const": tag }, field: { "type": "integer" } },
                "required": ["tag", field],
                "additionalProperties": false,
            })
        };
        let union = Shape::of(
            &json!({ "anyOf": [variant("refund", "amount"), variant("wait", "days"), { "const": "nothing" }] }),
        );
        assert_eq!(union.read(r#"{"value": "nothing"}"#), Ok(json!("nothing")));
        assert_eq!(union.read(r#"{"value": {"tag": "wait"}}"#).unwrap_err(), "`value.days` is missing");
        assert!(union.read(r#"{"value": {"tag": "wait", "days": 2}}"#).is_ok());
    }

    #[test]
    fn a_type_that_holds_itself_is_followed() {
        let node = json!({
            "type": "object",
            "properties": { "next": { "anyOf": [{ "$ref": "#/$defs/Node0" }, { "type": "null" }] } },
            "required": [],
            "additionalProperties": false,
        });
        let mut schema = node.clone();
        schema["$defs"] = json!({ "Node0": node });
        let shape = Shape::of(&schema);
        assert!(!shape.is_closed());
        assert!(shape.read(r#"{"next": {"next": {"next": null}}}"#).is_ok());
        assert!(shape.read(r#"{"next": {"next": 3}}"#).is_err());
        let list = Shape::of(
            &json!({ "type": "array", "items": { "$ref": "#/$defs/Node0" }, "$defs": schema["$defs"] }),
        );
        assert!(list.read(r#"{"value": [{"next": 3}]}"#).is_err(), "a reference reaches what was wrapped");
    }

    #[test]
    fn what_leaves_something_open_is_not_sent_as_a_schema() {
        assert!(Shape::of(&order()).is_closed());
        for open in [
            json!({}),
            json!({ "type": "object", "additionalProperties": { "type": "string" } }),
            json!({ "type": "array", "items": {} }),
            json!({ "type": "array", "items": { "type": "array", "prefixItems": [], "items": false } }),
        ] {
            assert!(!Shape::of(&open).is_closed(), "{open}");
        }
    }
}
