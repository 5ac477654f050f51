//! The same as a JSON Schema (draft 2020-12), for editors that know no carapace.

use super::{Form, Key, Kind, ROOT, Shape};
use serde_json::{Map, Value as Json, json};

/// The JSON Schema of the file.
pub fn json_schema() -> Json {
    let mut schema = Map::new();
    for (key, text) in [
        ("$schema", "https://json-schema.org/draft/2020-12/schema"),
        ("title", "carapace.json5"),
        ("description", "What a runtime of carapace is configured with."),
    ] {
        schema.insert(key.to_owned(), json!(text));
    }
    schema.extend(object(ROOT, None));
    Json::Object(schema)
}

fn of(shape: Shape) -> Json {
    match shape {
        Shape::Object(keys) => object(keys, None).into(),
        Shape::Map(names, inner) => {
            json!({ "type": "object", "propertyNames": text(names), "additionalProperties": of(*inner) })
        }
        Shape::List(inner) => json!({ "type": "array", "items": of(*inner) }),
        Shape::Texts(form) => json!({ "anyOf": [text(form), { "type": "array", "items": text(form) }] }),
        Shape::Text(form) => text(form),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Whole(from, to) => json!({ "type": "integer", "minimum": from, "maximum": to }),
        Shape::Amount => json!({ "type": "number", "minimum": 0 }),
        Shape::Any => json!(true),
        Shape::Account | Shape::Vault | Shape::Provider => {
            let kind = |kind: &Kind| {
                let mut schema = object(shape.keys(Some(kind.name)), Some(kind.name));
                schema.insert("description".to_owned(), json!(kind.doc));
                Json::Object(schema)
            };
            let kinds: Vec<Json> = shape.kinds().1.iter().map(kind).collect();
            json!({ "type": "object", "required": ["kind"], "oneOf": kinds })
        }
    }
}

/// An object with these keys; those of an account, a vault or a provider of a kind.
fn object<'k>(keys: impl IntoIterator<Item = &'k Key>, kind: Option<&str>) -> Map<String, Json> {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for key in keys {
        let mut schema = match (key.shape, kind) {
            (Shape::Text(Form::Kind | Form::Vault | Form::Provider), Some(kind)) => json!({ "const": kind }),
            (shape, _) => of(shape),
        };
        if let Json::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), json!(key.doc));
            if let Ok(default) = serde_json::from_str::<Json>(key.default) {
                schema.insert("default".to_owned(), default);
            }
        }
        if key.is_required() {
            required.push(key.name);
        }
        properties.insert(key.name.to_owned(), schema);
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("additionalProperties".to_owned(), json!(false));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

/// A text; what is of the environment may look like anything before it is put in.
fn text(form: Form) -> Json {
    match (form, form.pattern()) {
        (Form::Kind | Form::Vault | Form::Provider, _) => {
            json!({ "enum": form.usual().into_iter().map(|(name, _)| name).collect::<Vec<_>>() })
        }
        (_, Some(pattern)) => json!({ "type": "string", "pattern": format!("{pattern}|\\$\\{{env:") }),
        (_, None) => json!({ "type": "string" }),
    }
}
