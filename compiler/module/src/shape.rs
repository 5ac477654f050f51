//! Types of two modules compared.

use crate::json::substitute;
use crate::{Field, Type, TypeKind, TypeTable};

/// A type written out, so that types of two modules can be compared. A type inside itself is named only.
pub fn shape(types: &TypeTable, ty: &Type) -> String {
    let mut out = String::new();
    write_shape(types, ty, &mut Vec::new(), &mut out);
    out
}

/// A shape without the names of its declared types: of two types with the same structure, each value of one is also a
/// value of the other. Names are replaced by numbers, so that a type inside itself is still told from others.
pub fn structure(shape: &str) -> String {
    let (mut out, mut names, mut word) = (String::new(), Vec::new(), String::new());
    let mut end = |word: &mut String, out: &mut String| {
        // Only the full name of a declared type has a dot: `shop/main.Score`.
        if word.contains('.') {
            let known = names.iter().position(|name| name == word);
            let number = known.unwrap_or_else(|| {
                names.push(word.clone());
                names.len().saturating_sub(1)
            });
            out.push_str(&format!("#{number}"));
        } else {
            out.push_str(word);
        }
        word.clear();
    };
    for c in shape.chars() {
        if matches!(c, ' ' | ':' | '|' | '[' | ']' | '{' | '}' | '?' | ';' | ',') {
            end(&mut word, &mut out);
            out.push(c);
        } else {
            word.push(c);
        }
    }
    end(&mut word, &mut out);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structure_has_no_names() {
        let same = |a: &str, b: &str| structure(a) == structure(b);
        assert!(same("main.Score points:Int by Text", "shop/old.Score points:Int by Text"));
        assert!(!same("main.Score points:Int", "main.Score score:Int"));
        assert!(!same("main.Score points:Int", "main.Score points:Text"));
        assert!(same("a.Tree left:?a.Tree;", "b.T left:?b.T;"));
        assert!(!same("a.X y:a.Y x:?a.X;", "a.X y:a.Y x:?a.Y;"), "a type inside itself is not any other");
        assert_eq!(structure("[{TextInt};"), "[{TextInt};");
    }
}
