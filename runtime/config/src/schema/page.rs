//! The same as tables for the documentation.

use super::{KINDS, Key, PROVIDERS, ROOT, Shape, VAULTS, accounts, models, vault};

/// The tables of docs/configuration.md, in Markdown, each with a heading.
pub fn tables() -> String {
    let mut page = String::new();
    section(&mut page, "The file", "", ROOT);
    for key in ROOT {
        inside(&mut page, key.name, key.shape);
    }
    section(&mut page, "Every provider", "[Models](models.md) says more.", models::SHARED);
    for kind in PROVIDERS {
        section(&mut page, &format!("Providers of the kind `{}`", kind.name), kind.doc, kind.keys);
    }
    section(&mut page, "The vault", "[Secrets](secrets.md) says what each kind is good for.", vault::SHARED);
    for kind in VAULTS {
        section(&mut page, &format!("A vault of the kind `{}`", kind.name), kind.doc, kind.keys);
    }
    section(&mut page, "Every account", "", accounts::SHARED);
    for kind in KINDS {
        section(&mut page, &format!("Accounts of the kind `{}`", kind.name), kind.doc, kind.keys);
        for key in kind.keys {
            if let Shape::List(Shape::Object(keys)) = key.shape {
                section(&mut page, &format!("Each of `{}`", key.name), "", keys);
            }
        }
    }
    page
}

/// The keys of an object, or of each that stands there under a name, and of those in it.
fn inside(page: &mut String, place: &str, shape: Shape) {
    let keys = match shape {
        Shape::Object(keys) => keys,
        Shape::Map(_, Shape::Object(keys)) => keys,
        _ => return,
    };
    section(page, &format!("In `{place}`"), "", keys);
    for key in keys {
        let place = format!("{place}.{}", key.name);
        match key.shape {
            Shape::Map(_, Shape::Object(keys)) => section(page, &format!("Each of `{place}`"), "", keys),
            shape => inside(page, &place, shape),
        }
    }
}

fn section(page: &mut String, title: &str, doc: &str, keys: &[Key]) {
    let doc = if doc.is_empty() { String::new() } else { format!("{doc}\n\n") };
    page.push_str(&format!("### {title}\n\n{doc}| key | is | left out | |\n|---|---|---|---|\n"));
    for key in keys {
        let default = if key.default.starts_with('"') || key.default == "true" {
            format!("`{}`", key.default)
        } else {
            key.default.to_owned()
        };
        let (name, is, text) = (key.name, key.shape.expected(), key.doc);
        let row = format!("| `{name}` | {is} | {default} | {text} For example `{}`. |\n", key.example);
        page.push_str(&row);
    }
    page.push('\n');
}
