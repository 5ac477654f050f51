//! A type as an author would write it.

use carapace_module::{Type, TypeKind, TypeTable};

/// `List<Order>`, `Text?`, `{ a: Int, b: Text }` for an unnamed record.
pub(crate) fn show(table: &TypeTable, ty: &Type) -> String {
    let mut out = String::new();
    write(table, ty, &mut out);
    out
}

fn write(table: &TypeTable, ty: &Type, out: &mut String) {
    match ty {
        Type::Error => out.push('?'),
        Type::Never => out.push_str("Never"),
        Type::Nothing => out.push_str("Nothing"),
        Type::Bool => out.push_str("Bool"),
        Type::Int => out.push_str("Int"),
        Type::Number => out.push_str("Number"),
        Type::Text => out.push_str("Text"),
        Type::Bytes => out.push_str("Bytes"),
        Type::Time => out.push_str("Time"),
        Type::Date => out.push_str("Date"),
        Type::Duration => out.push_str("Duration"),
        Type::Money => out.push_str("Money"),
        Type::Json => out.push_str("Json"),
        Type::Regex => out.push_str("Regex"),
        Type::Secret => out.push_str("Secret"),
        Type::Template(tag) => capital(tag, out),
        Type::List(item) => {
            out.push_str("List<");
            write(table, item, out);
            out.push('>');
        }
        Type::Map(key, value) => {
            out.push_str("Map<");
            write(table, key, out);
            out.push_str(", ");
            write(table, value, out);
            out.push('>');
        }
        Type::Optional(inner) if **inner == Type::Never => out.push_str("none"),
        Type::Optional(inner) => {
            write(table, inner, out);
            out.push('?');
        }
        Type::Declared(id, args) => {
            declared(table, *id, out);
            list(table, args, "<", ">", out);
        }
        Type::Param(n) => out.push(char::from(b'T'.saturating_add(u8::try_from(*n).unwrap_or(0)).min(b'Z'))),
        Type::Fn(params, result) => {
            out.push_str("fn(");
            list(table, params, "", "", out);
            out.push_str(") -> ");
            write(table, result, out);
        }
    }
}

fn list(table: &TypeTable, types: &[Type], open: &str, close: &str, out: &mut String) {
    if types.is_empty() {
        return;
    }
    out.push_str(open);
    for (i, ty) in types.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write(table, ty, out);
    }
    out.push_str(close);
}

fn declared(table: &TypeTable, id: carapace_module::TypeId, out: &mut String) {
    let Some(def) = table.get(id) else {
        out.push('?');
        return;
    };
    if !def.name.is_empty() {
        out.push_str(def.name.rsplit_once('.').map_or(&*def.name, |(_, last)| last));
        return;
    }
    match &def.kind {
        TypeKind::Record(fields) => {
            out.push_str("{ ");
            for (i, field) in fields.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                out.push_str(&field.name);
                out.push_str(": ");
                write(table, &field.ty, out);
            }
            out.push_str(" }");
        }
        TypeKind::Union(variants) => {
            for (i, variant) in variants.iter().enumerate() {
                if i > 0 {
                    out.push_str(" | ");
                }
                out.push_str(&variant.name);
            }
        }
    }
}

fn capital(tag: &str, out: &mut String) {
    let mut chars = tag.chars();
    if let Some(first) = chars.next() {
        out.extend(first.to_uppercase());
    }
    out.push_str(chars.as_str());
}
