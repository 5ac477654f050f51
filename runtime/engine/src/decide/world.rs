//! Values of the world's types (`stdlib/prelude/world.flow`), taken apart by field name and put together.

use crate::deployment::Person;
use crate::state::Deployment;

use carapace_module::json::to_json;
use carapace_module::value::List;
use carapace_module::{Field, Type, TypeDef, TypeKind, TypeTable, Value};
use std::sync::Arc;

/// The definition behind a type, optional or not.
pub(super) fn definition<'t>(types: &'t TypeTable, ty: &Type) -> Option<&'t TypeDef> {
    match ty {
        Type::Declared(id, _) => types.get(*id),
        Type::Optional(inner) => definition(types, inner),
        _ => None,
    }
}

fn position(fields: &[Field], name: &str) -> Option<usize> {
    fields.iter().position(|field| *field.name == *name)
}

/// A field of a record, and its type.
pub(super) fn field<'v, 't>(
    types: &'t TypeTable,
    ty: &Type,
    value: &'v Value,
    name: &str,
) -> Option<(&'v Value, &'t Type)> {
    let (TypeKind::Record(fields), Value::Record(slots)) = (&definition(types, ty)?.kind, value) else {
        return None;
    };
    let at = position(fields, name)?;
    Some((slots.items.get(at)?, &fields.get(at)?.ty))
}

/// A text field of a record.
pub(crate) fn field_text(types: &TypeTable, ty: &Type, value: &Value, name: &str) -> Option<Arc<str>> {
    as_text(field(types, ty, value, name)?.0)
}

/// The text that a value is.
pub(super) fn as_text(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Text(text) => Some(Arc::from(&*text.0)),
        _ => None,
    }
}

/// The name of a tag, its fields' types and their values.
pub(crate) fn tag<'v, 't>(
    types: &'t TypeTable,
    ty: &Type,
    value: &'v Value,
) -> Option<(&'t str, &'t [Field], &'v [Value])> {
    let TypeKind::Union(variants) = &definition(types, ty)?.kind else { return None };
    let (number, slots): (u32, Option<&Arc<List>>) = match value {
        Value::Tag(number) => (*number, None),
        Value::TagWith(number, slots) => (*number, Some(slots)),
        _ => return None,
    };
    let variant = variants.get(number as usize)?;
    Some((&variant.name, &variant.fields, slots.map_or(&[], |slots| slots.items.as_slice())))
}

/// A record of this type, its fields given by name; those left out are none.
pub(super) fn record(types: &TypeTable, ty: &Type, fields: &[(&str, Value)]) -> Value {
    let Some(TypeKind::Record(declared)) = definition(types, ty).map(|def| &def.kind) else {
        return Value::None;
    };
    let slot = |field: &Field| {
        let given = fields.iter().find(|(name, _)| *field.name == **name);
        given.map_or(Value::None, |(_, value)| value.clone())
    };
    Value::record(declared.iter().map(slot).collect())
}

/// The type of a record's field.
pub(super) fn field_type<'t>(types: &'t TypeTable, ty: &Type, name: &str) -> Option<&'t Type> {
    let TypeKind::Record(fields) = &definition(types, ty)?.kind else { return None };
    fields.get(position(fields, name)?).map(|field| &field.ty)
}

/// A value as JSON; null where it is not of the type after all.
pub(super) fn json(types: &TypeTable, ty: &Type, value: &Value) -> serde_json::Value {
    to_json(value, ty, types).unwrap_or_default()
}

/// A person as a `User` of the language.
pub(super) fn user(types: &TypeTable, ty: &Type, person: &Person, channel: &str) -> Value {
    let name = if person.name.is_empty() { &person.id } else { &person.name };
    record(
        types,
        ty,
        &[
            ("id", Value::text(&*person.id)),
            ("name", Value::text(&**name)),
            ("bot", Value::Bool(false)),
            ("channel", Value::text(channel)),
        ],
    )
}

/// The person that a `User` of the language is, as far as the deployment knows their channel.
pub(super) fn person(deployment: &Deployment, types: &TypeTable, ty: &Type, value: &Value) -> Option<Person> {
    let channel = field_text(types, ty, value, "channel")?;
    Some(Person {
        account: deployment.account(&channel)?,
        id: field_text(types, ty, value, "id")?,
        name: field_text(types, ty, value, "name").unwrap_or_default(),
    })
}

/// A `Run` of the language.
pub(super) fn run(types: &TypeTable, id: carapace_effect::RunId) -> Value {
    let ty = types.types.iter().position(|def| &*def.name == "std/world.Run");
    let ty = ty.and_then(|at| u32::try_from(at).ok());
    match ty {
        Some(at) => record(
            types,
            &Type::declared(carapace_module::TypeId(at)),
            &[("id", Value::text(id.to_string()))],
        ),
        None => Value::record(vec![Value::text(id.to_string())]),
    }
}
