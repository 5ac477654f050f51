//! Any value of a type, as canonical JSON.

use crate::chance::Chance;
use carapace_module::json::substitute;
use carapace_module::{Field, Type, TypeKind, TypeTable};
use serde_json::{Map, Value as Json, json};

/// Values of a package's types.
pub(crate) struct Values<'a> {
    pub(crate) types: &'a TypeTable,
    /// Texts that mean something to the package.
    pub(crate) words: &'a [String],
}

impl Values<'_> {
    pub(crate) fn any(&self, chance: &mut Chance, ty: &Type) -> Json {
        self.value(chance, ty, 0)
    }

    fn value(&self, chance: &mut Chance, ty: &Type, depth: u32) -> Json {
        match ty {
            Type::Bool => json!(chance.percent(50)),
            Type::Int => json!(chance.pick(&[0, 1, 2, 3, 5, 42, 200, 201, 404, 503]).copied().unwrap_or(1)),
            Type::Number => json!(0.5),
            Type::Text | Type::Template(_) | Type::Regex => {
                json!(chance.pick(self.words).cloned().unwrap_or_else(|| "words".to_owned()))
            }
            Type::Time => json!("2026-01-05T09:00:00Z"),
            Type::Date => json!("2026-01-05"),
            Type::Duration => json!(60_000),
            Type::Money => json!({ "amount": "20", "currency": "EUR" }),
            Type::Json => json!({ "a": [1, "b", null] }),
            Type::List(item) => {
                let many = if depth > 3 { 0 } else { chance.below(3) };
                (0..many).map(|_| self.value(chance, item, depth + 1)).collect()
            }
            Type::Map(key, _) => {
                if matches!(**key, Type::Text) {
                    json!({})
                } else {
                    json!([])
                }
            }
            Type::Optional(_) if depth > 3 || chance.percent(30) => Json::Null,
            Type::Optional(inner) => self.value(chance, inner, depth),
            Type::Declared(id, args) => match self.types.get(*id).map(|def| &def.kind) {
                Some(TypeKind::Record(fields)) => Json::Object(self.fields(chance, fields, args, depth)),
                Some(TypeKind::Union(variants)) => match chance.pick(variants) {
                    Some(variant) if variant.fields.is_empty() => json!(*variant.name),
                    Some(variant) => {
                        let mut object = self.fields(chance, &variant.fields, args, depth);
                        object.insert("tag".to_owned(), json!(*variant.name));
                        Json::Object(object)
                    }
                    None => Json::Null,
                },
                None => Json::Null,
            },
            _ => Json::Null,
        }
    }

    fn fields(&self, chance: &mut Chance, fields: &[Field], args: &[Type], depth: u32) -> Map<String, Json> {
        let value = |field: &Field| {
            let key = field.json_key.as_ref().unwrap_or(&field.name).to_string();
            if &*field.name == "status" && field.ty == Type::Int {
                return (key, json!(chance.pick(&[200, 201, 204, 503]).copied().unwrap_or(200)));
            }
            (key, self.value(chance, &substitute(&field.ty, args), depth + 1))
        };
        fields.iter().map(value).collect()
    }
}
