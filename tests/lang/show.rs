//! A value as one would write it.

use carapace_module::value::{List, display};
use carapace_module::{Field, Type, TypeKind, TypeTable, Value};

/// The value of this type, as source.
pub(crate) fn show(value: &Value, ty: &Type, types: &TypeTable) -> String {
    match (value, ty) {
        (Value::None, _) => "none".to_owned(),
        (_, Type::Optional(inner)) => show(value, inner, types),
        (Value::Text(text), _) => format!("{:?}", text.0),
        (Value::Regex(text), _) => format!("re{:?}", text.0),
        (Value::Number(_), _) => {
            let text = display(value, ty, types);
            if text.contains('.') { text } else { format!("{text}.0") }
        }
        (Value::List(list), Type::List(item)) => {
            let items: Vec<String> = list.items.iter().map(|value| show(value, item, types)).collect();
            format!("[{}]", items.join(", "))
        }
        (Value::Map(map), Type::Map(key, item)) => {
            let entries =
                map.entries.iter().map(|(k, v)| format!("{}: {}", show(k, key, types), show(v, item, types)));
            let entries: Vec<String> = entries.collect();
            if entries.is_empty() { "[:]".to_owned() } else { format!("[{}]", entries.join(", ")) }
        }
        (_, Type::Declared(id, args)) => {
            let Some(def) = types.get(*id) else { return display(value, ty, types) };
            let name = def.name.rsplit('.').next().unwrap_or(&def.name);
            match (&def.kind, value) {
                (TypeKind::Record(known), Value::Record(slots)) => {
                    format!("{name} {{ {} }}", fields(known, slots, args, types))
                }
                (TypeKind::Union(variants), Value::TagWith(number, slots)) => {
                    let variant = variants.get(*number as usize).unwrap();
                    format!("{}({})", variant.name, fields(&variant.fields, slots, args, types))
                }
                _ => display(value, ty, types),
            }
        }
        _ => display(value, ty, types),
    }
}

fn fields(known: &[Field], slots: &List, args: &[Type], types: &TypeTable) -> String {
    let shown = known.iter().zip(&slots.items).map(|(field, value)| {
        format!("{}: {}", field.name, show(value, &carapace_module::json::substitute(&field.ty, args), types))
    });
    shown.collect::<Vec<_>>().join(", ")
}
