//! Every key that there is, described once: its words, its shape, its default.

mod accounts;
mod form;
mod json;
mod mcp;
mod media;
mod models;
mod observed;
mod page;
mod root;
mod vault;

pub use accounts::KINDS;
pub use form::{Choice, Form};
pub use json::json_schema;
pub use models::PROVIDERS;
pub use page::tables;
pub use root::ROOT;
pub use vault::VAULTS;

/// What may stand at a place.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// An object with these keys.
    Object(&'static [Key]),
    /// An object whose keys the author chooses, of this form; each has a value of the same shape.
    Map(Form, &'static Shape),
    /// A list of values of one shape.
    List(&'static Shape),
    /// A text of this form, or a list of such texts.
    Texts(Form),
    /// A text of this form.
    Text(Form),
    /// `true` or `false`.
    Flag,
    /// A whole number from one to another.
    Whole(u32, u32),
    /// A number that is not below nothing.
    Amount,
    /// Anything that JSON can say.
    Any,
    /// An account: an object whose `kind` says which keys it has.
    Account,
    /// Where secrets lie: an object whose `kind` says which keys it has.
    Vault,
    /// Somebody who provides models: an object whose `kind` says which keys it has.
    Provider,
}

/// A key of an object.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// How it is written.
    pub name: &'static str,
    /// What it is for: one sentence or several, Markdown.
    pub doc: &'static str,
    /// What it stands for.
    pub shape: Shape,
    /// What counts where it is left out, in words or as it would be written.
    pub default: &'static str,
    /// A value, as it would be written.
    pub example: &'static str,
}

/// A kind of account, of vault, or of provider.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// How it is written.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// The keys that only those of this kind have.
    pub keys: &'static [Key],
}

impl Key {
    /// Whether it has no default.
    pub fn is_required(&self) -> bool {
        self.default == "has to be said"
    }

    /// What an editor shows of it, in Markdown.
    pub fn page(&self) -> String {
        let Key { name, doc, shape, default, example } = self;
        let left_out =
            if self.is_required() { "it has to be said".to_owned() } else { format!("left out: {default}") };
        format!(
            "**{name}**: {}\n\n{doc}\n\n{left_out}\n\n```json5\n{name}: {example},\n```",
            shape.expected()
        )
    }
}

impl Shape {
    /// What may stand there, for messages: `a list of paths`.
    pub fn expected(self) -> String {
        match self {
            Shape::Object(_) | Shape::Account | Shape::Vault | Shape::Provider | Shape::Map(..) => {
                "an object".to_owned()
            }
            Shape::List(Shape::Text(form)) => format!("a list of texts, each {}", form.expected()),
            Shape::List(_) => "a list".to_owned(),
            Shape::Texts(form) => format!("{}, or a list of such texts", form.expected()),
            Shape::Text(form) => form.expected().to_owned(),
            Shape::Flag => "`true` or `false`".to_owned(),
            Shape::Whole(from, to) if from == to => format!("`{from}`"),
            Shape::Whole(from, to) => format!("a whole number from {from} to {to}"),
            Shape::Amount => "a number from 0 on".to_owned(),
            Shape::Any => "a value".to_owned(),
        }
    }

    /// The keys of an object of this shape; of an account or a vault all that its kind has, or those of every kind where it
    /// says none that there is.
    pub fn keys(self, kind: Option<&str>) -> Vec<&'static Key> {
        if let Shape::Object(keys) = self {
            return keys.iter().collect();
        }
        let (shared, kinds) = self.kinds();
        let known = kind.filter(|kind| kinds.iter().any(|known| known.name == *kind));
        let fits = |of: &&Kind| known.is_none_or(|kind| of.name == kind);
        let own = kinds.iter().filter(fits).flat_map(|kind| kind.keys);
        shared.iter().chain(own).collect()
    }

    /// The kinds of such objects, and the keys that those of every kind have.
    pub(crate) fn kinds(self) -> (&'static [Key], &'static [Kind]) {
        match self {
            Shape::Account => (accounts::SHARED, KINDS),
            Shape::Vault => (vault::SHARED, VAULTS),
            Shape::Provider => (models::SHARED, PROVIDERS),
            _ => (&[], &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, check_text};
    use carapace_diagnostic::FileId;

    fn examples(keys: &[&Key]) -> String {
        let lines = keys.iter().map(|key| format!("{}: {},\n", key.name, key.example));
        lines.collect()
    }

    #[test]
    fn the_example_of_every_key_is_what_its_shape_takes() {
        let root: Vec<&Key> = Shape::Object(ROOT).keys(None);
        let text = format!("{{ {} }}", examples(&root));
        assert_eq!(check_text(&Document::parse(&text, FileId(0))), [], "{text}");
        for kind in VAULTS {
            let text = format!(
                "{{ version: 1, vault: {{ kind: '{}', {} }} }}",
                kind.name,
                examples(&kind.keys.iter().filter(|key| key.name != "passphrase_file").collect::<Vec<_>>())
            );
            assert_eq!(check_text(&Document::parse(&text, FileId(0))), [], "{text}");
        }
        for kind in PROVIDERS {
            let own: Vec<&Key> = kind.keys.iter().collect();
            let text = format!(
                "{{ version: 1, models: {{ providers: {{ local: {{ kind: '{}', {} }} }} }} }}",
                kind.name,
                examples(&own)
            );
            assert_eq!(check_text(&Document::parse(&text, FileId(0))), [], "{text}");
        }
        for kind in KINDS {
            let keys: Vec<&Key> = Shape::Account.keys(Some(kind.name));
            let own: Vec<&Key> = keys.into_iter().filter(|key| key.name != "kind").collect();
            let text = format!(
                "{{ version: 1, accounts: {{ a: {{ kind: \"{}\", {} }} }} }}",
                kind.name,
                examples(&own)
            );
            assert_eq!(check_text(&Document::parse(&text, FileId(0))), [], "{text}");
        }
    }

    #[test]
    fn no_key_is_described_twice_and_each_says_something() {
        let mut lists = vec![Shape::Object(ROOT).keys(None)];
        lists.extend(KINDS.iter().map(|kind| Shape::Account.keys(Some(kind.name))));
        lists.extend(PROVIDERS.iter().map(|kind| Shape::Provider.keys(Some(kind.name))));
        lists.extend(VAULTS.iter().map(|kind| Shape::Vault.keys(Some(kind.name))));
        for keys in lists {
            let mut names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), keys.len());
            for key in keys {
                assert!(key.doc.ends_with('.') && key.doc.len() > 8, "{}", key.name);
                assert!(!key.default.is_empty(), "{}", key.name);
            }
        }
    }
}
