//! What methods take, as the document describes it: out of the one type that reads them.

use crate::methods::Request;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use utoipa::PartialSchema as _;

/// What a method takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    /// What it does, and more about it.
    pub(super) words: String,
    /// Parameter → its schema.
    pub(super) parameters: Map<String, Json>,
    /// Those that have to be there.
    pub(super) required: BTreeSet<String>,
}

/// What text a parameter of a query stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Itself.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Bool,
}

impl Shape {
    /// That of a method. `named` are the schemas that others refer to.
    pub(super) fn of(method: &str, named: &Map<String, Json>) -> Option<Shape> {
        let all = serde_json::to_value(Request::schema()).ok()?;
        let variants = all.get("oneOf")?.as_array()?;
        let is_it = |variant: &&Json| {
            let names = variant.pointer("/properties/method/enum").and_then(Json::as_array);
            names.is_some_and(|names| names.iter().any(|name| name == method))
        };
        let variant = variants.iter().find(is_it)?;
        let params = resolved(variant.pointer("/properties/params")?, named);
        let words = variant.get("description").and_then(Json::as_str).unwrap_or_default().to_owned();
        let required = params.get("required").and_then(Json::as_array).into_iter().flatten();
        Some(Shape {
            words,
            parameters: params.get("properties").and_then(Json::as_object).cloned().unwrap_or_default(),
            required: required.filter_map(Json::as_str).map(str::to_owned).collect(),
        })
    }

    /// What a parameter's text stands for.
    pub(super) fn kind(&self, name: &str) -> Kind {
        let said = self.parameters.get(name).and_then(|schema| schema.get("type"));
        let is = |wanted: &str| match said {
            Some(Json::String(one)) => one == wanted,
            Some(Json::Array(some)) => some.iter().any(|one| one == wanted),
            _ => false,
        };
        match () {
            () if is("integer") => Kind::Number,
            () if is("boolean") => Kind::Bool,
            () => Kind::Text,
        }
    }
}

/// A schema itself, where another is referred to.
fn resolved<'a>(schema: &'a Json, named: &'a Map<String, Json>) -> &'a Json {
    let name = schema.get("$ref").and_then(Json::as_str).and_then(|path| path.rsplit('/').next());
    name.and_then(|name| named.get(name)).unwrap_or(schema)
}

/// The schema of a parameter that a query has or has not: nobody can write `null` there.
pub(super) fn without_null(schema: &Json) -> Json {
    let mut schema = schema.clone();
    let Some(fields) = schema.as_object_mut() else { return schema };
    if fields.get("default") == Some(&Json::Null) {
        fields.remove("default");
    }
    if let Some(Json::Array(types)) = fields.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            fields.insert("type".to_owned(), only);
        }
    }
    let alone = fields.len() == 1;
    if let Some(Json::Array(some)) = fields.get_mut("oneOf") {
        some.retain(|one| one.get("type") != Some(&"null".into()));
        if let [only] = &some[..]
            && alone
        {
            return only.clone();
        }
    }
    schema
}
