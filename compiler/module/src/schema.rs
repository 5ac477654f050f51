//! Types as JSON Schema (2020-12): what models see of a tool's parameters and of an answer's shape.

use crate::json::substitute;
use crate::{Field, Type, TypeKind, TypeTable, Variant};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The schema of a type. Declared types that refer to themselves go through `$defs`.
pub fn schema(ty: &Type, types: &TypeTable) -> Json {
    let mut writer = Writer { types, open: Vec::new(), defs: BTreeMap::new() };
    let mut schema = writer.ty(ty);
    writer.attach(&mut schema);
    schema
}

/// The schema of an object with these members: a tool's parameters.
pub fn object_schema(members: &[(std::sync::Arc<str>, Type)], types: &TypeTable) -> Json {
    let mut writer = Writer { types, open: Vec::new(), defs: BTreeMap::new() };
    let fields: Vec<Field> = members
        .iter()
        .map(|(name, ty)| Field { name: name.clone(), json_key: None, docs: None, ty: ty.clone() })
        .collect();
    let mut schema = writer.object(&fields, &[], None);
    writer.attach(&mut schema);
    schema
}

struct Writer<'a> {
    types: &'a TypeTable,
    /// Declared types being written: meeting one again makes a reference.
    open: Vec<Type>,
    defs: BTreeMap<String, Json>,
}

impl Writer<'_> {
    fn attach(self, schema: &mut Json) {
        if let (Json::Object(object), false) = (schema, self.defs.is_empty()) {
            object.insert("$defs".into(), Json::Object(self.defs.into_iter().collect()));
        }
    }

    fn ty(&mut self, ty: &Type) -> Json {
        match ty {
            Type::Bool => json!({ "type": "boolean" }),
            Type::Int => json!({ "type": "integer" }),
            Type::Number => json!({ "type": "number" }),
            Type::Text | Type::Template(_) | Type::Regex => json!({ "type": "string" }),
            Type::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
            Type::Time => json!({ "type": "string", "format": "date-time" }),
            Type::Date => json!({ "type": "string", "format": "date" }),
            Type::Duration => json!({ "type": "integer", "description": "milliseconds" }),
            Type::Money => json!({
                "type": "object",
                "properties": {
                    "amount": { "type": "string", "description": "a decimal number" },
                    "currency": { "type": "string", "pattern": "^[A-Z]{3}$" },
                },
                "required": ["amount", "currency"],
                "additionalProperties": false,
            }),
            Type::Nothing => json!({ "type": "null" }),
            Type::List(item) => json!({ "type": "array", "items": self.ty(item) }),
            Type::Map(key, item) if **key == Type::Text => {
                json!({ "type": "object", "additionalProperties": self.ty(item) })
            }
            Type::Map(key, item) => {
                let pair = vec![self.ty(key), self.ty(item)];
                json!({ "type": "array", "items": { "type": "array", "prefixItems": pair, "items": false } })
            }
            Type::Optional(inner) => json!({ "anyOf": [self.ty(inner), { "type": "null" }] }),
            Type::Declared(..) => self.declared(ty),
            _ => json!({}),
        }
    }

    fn declared(&mut self, ty: &Type) -> Json {
        let Type::Declared(id, args) = ty else { return json!({}) };
        let Some(def) = self.types.get(*id) else { return json!({}) };
        if self.open.contains(ty) {
            let name = format!("{}{}", def.name.rsplit('.').next().unwrap_or_default(), id.0);
            if !self.defs.contains_key(&name) {
                // Entered before it is written, so that the definition's own mention ends here.
                self.defs.insert(name.clone(), Json::Null);
                let open = std::mem::take(&mut self.open);
                let body = self.declared(ty);
                self.open = open;
                self.defs.insert(name.clone(), body);
            }
            return json!({ "$ref": format!("#/$defs/{name}") });
        }
        self.open.push(ty.clone());
        let schema = match &def.kind {
            TypeKind::Record(fields) => self.object(fields, args, None),
            TypeKind::Union(variants) if variants.iter().all(|v| v.fields.is_empty()) => {
                let names: Vec<&str> = variants.iter().map(|v| &*v.name).collect();
                json!({ "type": "string", "enum": names })
            }
            TypeKind::Union(variants) => {
                let forms: Vec<Json> = variants.iter().map(|v| self.variant(v, args)).collect();
                json!({ "anyOf": forms })
            }
        };
        self.open.pop();
        described(schema, def.docs.as_deref())
    }

    fn variant(&mut self, variant: &Variant, args: &[Type]) -> Json {
        let schema = if variant.fields.is_empty() {
            json!({ "const": &*variant.name })
        } else {
            self.object(&variant.fields, args, Some(&variant.name))
        };
        described(schema, variant.docs.as_deref())
    }

    fn object(&mut self, fields: &[Field], args: &[Type], tag: Option<&str>) -> Json {
        let mut properties = Map::new();
        let mut required = Vec::new();
        if let Some(tag) = tag {
            properties.insert("tag".into(), json!({ "const": tag }));
            required.push("tag".to_owned());
        }
        for field in fields {
            let key = field.json_key.as_deref().unwrap_or(&field.name);
            let ty = substitute(&field.ty, args);
            if !matches!(ty, Type::Optional(_)) {
                required.push(key.to_owned());
            }
            let schema = self.ty(&ty);
            properties.insert(key.to_owned(), described(schema, field.docs.as_deref()));
        }
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    }
}

fn described(mut schema: Json, docs: Option<&str>) -> Json {
    if let (Json::Object(object), Some(docs)) = (&mut schema, docs) {
        object.insert("description".into(), Json::from(docs.trim()));
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TypeDef, TypeId};

    #[test]
    fn a_type_that_holds_itself_ends() {
        let me = Type::declared(TypeId(0));
        let fields = vec![Field {
            name: "next".into(),
            json_key: None,
            docs: Some("The rest.".into()),
            ty: me.clone().optional(),
        }];
        let def = TypeDef { name: "main.Node".into(), docs: None, params: 0, kind: TypeKind::Record(fields) };
        let schema = schema(&me, &TypeTable { types: vec![def] });
        assert_eq!(schema["properties"]["next"]["description"], "The rest.");
        assert_eq!(schema["properties"]["next"]["anyOf"][0]["$ref"], "#/$defs/Node0");
        assert!(schema["$defs"]["Node0"]["properties"]["next"].is_object());
    }
}
