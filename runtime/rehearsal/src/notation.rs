//! Values as an author would write them: in failures, and in transcripts.

use carapace_module::json::substitute;
use carapace_module::value::display;
use carapace_module::{Field, Type, TypeKind, TypeTable, Value};

/// The value in the language's own notation: `"text"`, `[1, 2]`, `Order { id: "4711" }`, `paid(amount: 3 EUR)`.
pub(crate) fn notation(value: &Value, ty: &Type, types: &TypeTable) -> String {
    match (value, ty) {
        (Value::None, _) => "none".to_owned(),
        (_, Type::Optional(inner)) => notation(value, inner, types),
        (Value::Text(text), _) => quoted(&text.0),
        (Value::Regex(text), _) => format!("re\"{}\"", text.0),
        (Value::Time(_), _) => format!("moment(\"{}\")", display(value, ty, types)),
        (Value::Duration(ms), _) => crate::transcript::duration(*ms),
        (Value::List(list), Type::List(item)) => {
            let items = list.items.iter().map(|value| notation(value, item, types));
            format!("[{}]", first_ones(items, list.items.len()))
        }
        (Value::Map(map), Type::Map(key, item)) => {
            let pair = |(k, v)| format!("{}: {}", notation(k, key, types), notation(v, item, types));
            match map.entries.len() {
                0 => "[:]".to_owned(),
                count => format!("[{}]", first_ones(map.entries.iter().map(pair), count)),
            }
        }
        (_, Type::Declared(id, args)) => {
            let Some(def) = types.get(*id) else { return display(value, ty, types) };
            match (&def.kind, value) {
                (TypeKind::Record(fields), Value::Record(_)) => {
                    let name = crate::transcript::short(&def.name);
                    let fields = written(value, fields, args, types);
                    if fields.is_empty() { format!("{name} {{}}") } else { format!("{name} {{ {fields} }}") }
                }
                (TypeKind::Union(variants), Value::TagWith(..)) => {
                    let variant = value.tag_number().and_then(|tag| variants.get(tag as usize));
                    let Some(variant) = variant else { return display(value, ty, types) };
                    format!("{}({})", variant.name, written(value, &variant.fields, args, types))
                }
                _ => display(value, ty, types),
            }
        }
        _ => display(value, ty, types),
    }
}

/// Enough to see what it is about.
const MOST: usize = 50;

fn first_ones(items: impl Iterator<Item = String>, count: usize) -> String {
    let mut shown: Vec<String> = items.take(MOST).collect();
    if count > MOST {
        shown.push(format!("… and {} more", count - MOST));
    }
    shown.join(", ")
}

/// `id: "4711", total: 30 EUR`; what is none is left out.
fn written(value: &Value, fields: &[Field], args: &[Type], types: &TypeTable) -> String {
    let field = |(at, field): (usize, &Field)| {
        let slot = value.slot(at).filter(|slot| !slot.is_none())?;
        Some(format!("{}: {}", field.name, notation(slot, &substitute(&field.ty, args), types)))
    };
    fields.iter().enumerate().filter_map(field).collect::<Vec<_>>().join(", ")
}

/// A text as a literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '{' => out.push_str("\\{"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_module::{MoneyValue, TypeDef, TypeId, Variant};

    fn field(name: &str, ty: Type) -> Field {
        Field { name: name.into(), json_key: None, docs: None, ty }
    }

    #[test]
    fn values_read_as_they_are_written() {
        let def = |name: &str, kind| TypeDef { name: name.into(), docs: None, params: 0, kind };
        let paid = Variant { name: "paid".into(), docs: None, fields: vec![field("amount", Type::Money)] };
        let open = Variant { name: "open".into(), docs: None, fields: Vec::new() };
        let types = TypeTable {
            types: vec![
                def(
                    "main.Order",
                    TypeKind::Record(vec![
                        field("id", Type::Text),
                        field("note", Type::Text.optional()),
                        field("state", Type::declared(TypeId(1))),
                    ]),
                ),
                def("main.State", TypeKind::Union(vec![open, paid])),
            ],
        };
        let order = |state| Value::record(vec![Value::text("a \"b\" {c}"), Value::None, state]);
        let shown = |value: &Value, ty: &Type| notation(value, ty, &types);
        let ty = Type::declared(TypeId(0));
        assert_eq!(shown(&order(Value::Tag(0)), &ty), "Order { id: \"a \\\"b\\\" \\{c}\", state: open }");
        let money = Value::Money(MoneyValue::parse("2.5 EUR").unwrap());
        assert!(shown(&order(Value::tag(1, vec![money])), &ty).ends_with("state: paid(amount: 2.50 EUR) }"));
        let numbers = Value::list((0..60).map(Value::Int).collect());
        assert!(shown(&numbers, &Type::list(Type::Int)).ends_with("48, 49, … and 10 more]"));
        let pairs = Value::map([(Value::text("a"), Value::Duration(5_400_000))]);
        let map = Type::Map(Type::Text.into(), Type::Duration.into());
        assert_eq!(shown(&pairs, &map), "[\"a\": 1h30m]");
        assert_eq!(shown(&Value::map([]), &map), "[:]");
        assert_eq!(shown(&Value::None, &Type::Int.optional()), "none");
    }
}
