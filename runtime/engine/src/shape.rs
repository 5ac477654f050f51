//! Types of two modules compared.

use carapace_module::json::substitute;
use carapace_module::{Field, Type, TypeKind, TypeTable};

/// A type written out, so that types of two modules can be compared. A type inside itself is named only.
pub(crate) fn shape(types: &TypeTable, ty: &Type) -> String {
    let mut out = String::new();
    write_shape(types, ty, &mut Vec::new(), &mut out);
    out
}

fn write_shape(types: &TypeTable, ty: &Type, within: &mut Vec<u32>, out: &mut String) {
    match ty {
        Type::Optional(t) | Type::List(t) => {
            out.push_str(if matches!(ty, Type::List(_)) { "[" } else { "?" });
            write_shape(types, t, within, out);
            out.push(';');
        }
        Type::Map(k, v) => {
            out.push('{');
            write_shape(types, k, within, out);
            write_shape(types, v, within, out);
            out.push('}');
        }
        Type::Declared(id, args) => {
            let Some(def) = types.get(*id) else { return };
            out.push_str(&def.name);
            if within.contains(&id.0) {
                return;
            }
            within.push(id.0);
            let mut fields = |fields: &[Field], out: &mut String| {
                for field in fields {
                    out.push_str(&format!(" {}:", field.name));
                    write_shape(types, &substitute(&field.ty, args), within, out);
                }
            };
            match &def.kind {
                TypeKind::Record(declared) => fields(declared, out),
                TypeKind::Union(variants) => {
                    for variant in variants {
                        out.push_str(&format!(" |{}", variant.name));
                        fields(&variant.fields, out);
                    }
                }
            }
            within.pop();
        }
        other => out.push_str(&format!("{other:?}")),
    }
}
