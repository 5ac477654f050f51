//! What an editor wants to know at a place of a file that is being written.

use crate::document::{Document, Member, Node, Value};
use crate::schema::{Form, Key, ROOT, Shape};
use carapace_diagnostic::TextRange;
use std::collections::BTreeSet;

/// Something that could stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What a person picks it by.
    pub label: String,
    /// What is written.
    pub insert: String,
    /// What it replaces.
    pub replace: TextRange,
    /// A few words.
    pub detail: String,
    /// All there is to say, in Markdown; may be empty.
    pub doc: String,
    /// Whether it is a key; else it is a value.
    pub is_key: bool,
}

/// A place in a document, and what may stand there.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'d> {
    document: &'d Document,
    /// What the place is for.
    shape: Shape,
    /// The object or value in which it is.
    node: &'d Node,
    /// The key on which it is; none between keys, and in a value.
    on: Option<&'d Member>,
    /// Whether it is in a value.
    in_value: bool,
    offset: u32,
}

impl<'d> Cursor<'d> {
    /// At a byte of a document; none outside of its one object.
    pub fn at(document: &'d Document, offset: u32) -> Option<Cursor<'d>> {
        let root = Cursor {
            document,
            shape: Shape::Object(ROOT),
            node: &document.root,
            on: None,
            in_value: true,
            offset,
        };
        let range = document.root.span.range;
        (range.start < offset && offset <= range.end).then(|| root.narrowed())
    }

    /// The same place, seen from the innermost value that holds it.
    fn narrowed(self) -> Cursor<'d> {
        let offset = self.offset;
        match &self.node.value {
            Value::Object(members) => {
                for member in members {
                    if member.name.span.range.touches(offset) {
                        return Cursor { on: Some(member), in_value: false, ..self };
                    }
                    let Some(shape) = self.inner(&member.name.text) else { continue };
                    let value = member.value.span.range;
                    let inside = is_inside(&member.value, offset);
                    // Behind the colon, up to the value's end, or the comma where there is none.
                    let waits = member.colon.is_some_and(|colon| colon < offset)
                        && offset
                            <= if matches!(member.value.value, Value::Broken) {
                                member.end
                            } else {
                                value.end
                            };
                    if inside {
                        return Cursor { shape, node: &member.value, in_value: true, ..self }.narrowed();
                    }
                    if waits && !matches!(member.value.value, Value::Object(_) | Value::List(_)) {
                        return Cursor { shape, node: &member.value, in_value: true, ..self };
                    }
                }
                Cursor { in_value: false, ..self }
            }
            Value::List(elements) => {
                let shape = match self.shape {
                    Shape::List(inner) => *inner,
                    Shape::Texts(form) => Shape::Text(form),
                    _ => return self,
                };
                let at = |element: &&Node| element.span.range.touches(offset);
                match elements.iter().find(at) {
                    Some(element) => Cursor { shape, node: element, ..self }.narrowed(),
                    None => Cursor { shape, ..self },
                }
            }
            _ => self,
        }
    }

    /// The shape of what stands at a key.
    fn inner(&self, key: &str) -> Option<Shape> {
        match self.shape {
            Shape::Map(_, inner) => Some(*inner),
            shape => shape.keys(self.kind()).iter().find(|known| known.name == key).map(|key| key.shape),
        }
    }

    fn kind(&self) -> Option<&'d str> {
        self.node.get("kind").and_then(Node::text)
    }

    /// What could stand there.
    pub fn choices(&self) -> Vec<Choice> {
        if self.in_value { self.values() } else { self.keys() }
    }

    fn keys(&self) -> Vec<Choice> {
        let taken = |key: &&&Key| {
            let there = self.node.member(key.name);
            there.is_none() || there.map(|member| member.name.span) == self.on.map(|member| member.name.span)
        };
        let replace =
            self.on.map_or(TextRange::new(self.offset, self.offset), |member| member.name.span.range);
        let has_colon = self.on.is_some_and(|member| member.colon.is_some());
        let choice = |key: &&Key| Choice {
            label: key.name.to_owned(),
            insert: if has_colon { key.name.to_owned() } else { format!("{}: ", key.name) },
            replace,
            detail: key.shape.expected(),
            doc: key.page(),
            is_key: true,
        };
        // Before the kind is said there are the keys of all kinds, many of them in several.
        let mut seen = BTreeSet::new();
        let keys = self.shape.keys(self.kind());
        keys.iter().filter(taken).filter(|key| seen.insert(key.name)).map(choice).collect()
    }

    fn values(&self) -> Vec<Choice> {
        let (form, flags) = match self.shape {
            Shape::Text(form) | Shape::Texts(form) => (form, false),
            Shape::Flag => (Form::Plain, true),
            Shape::Whole(from, to) if from == to => return vec![self.value(&from.to_string(), "", "")],
            _ => return Vec::new(),
        };
        if flags {
            return ["true", "false"].map(|word| self.value(word, "", "")).into();
        }
        let usual = form.usual().into_iter().map(|(word, about)| (word.to_owned(), about.to_owned()));
        let accounts = self.document.root.get("accounts").map(Node::members).unwrap_or_default().iter();
        let accounts = accounts.filter(|_| form == Form::Place).map(|account| {
            let kind = account.value.get("kind").and_then(Node::text).unwrap_or_default();
            (account.name.text.clone(), format!("{kind} account"))
        });
        usual.chain(accounts).map(|(word, about)| self.value(&word, &format!("\"{word}\""), &about)).collect()
    }

    /// A value instead of what stands there.
    fn value(&self, label: &str, quoted: &str, detail: &str) -> Choice {
        let insert = if quoted.is_empty() { label } else { quoted };
        let here = self.node.span.range;
        let replace = match self.node.value {
            Value::Object(_) | Value::List(_) => TextRange::new(self.offset, self.offset),
            _ if here.touches(self.offset) && !here.is_empty() => here,
            _ => TextRange::new(self.offset, self.offset),
        };
        Choice {
            label: label.to_owned(),
            insert: insert.to_owned(),
            replace,
            detail: detail.to_owned(),
            doc: String::new(),
            is_key: false,
        }
    }
}

/// Whether a place is between the brackets of a value, or in what has none.
fn is_inside(node: &Node, offset: u32) -> bool {
    let range = node.span.range;
    match node.value {
        Value::Object(_) | Value::List(_) => range.start < offset && offset < range.end,
        Value::Broken => false,
        _ => range.touches(offset),
    }
}

/// What there is to say about what stands at a byte: of which bytes, and in Markdown.
pub fn hover(document: &Document, offset: u32) -> Option<(TextRange, String)> {
    let cursor = Cursor::at(document, offset)?;
    if let Some(member) = cursor.on {
        let keys = cursor.shape.keys(cursor.kind());
        let key = keys.iter().find(|key| key.name == member.name.text)?;
        return Some((member.name.span.range, key.page()));
    }
    let text = cursor.node.text().filter(|_| cursor.in_value)?;
    let Shape::Text(form) = cursor.shape else { return None };
    let word = text.split(':').next().unwrap_or(text);
    let (_, about) = form.usual().into_iter().find(|(usual, _)| *usual == word)?;
    Some((cursor.node.span.range, format!("**{word}**: {about}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_diagnostic::FileId;

    /// A document without its `$0`, and where that stood.
    fn marked(text: &str) -> (Document, u32) {
        let at = text.find("$0").unwrap();
        (Document::parse(&text.replace("$0", ""), FileId(0)), u32::try_from(at).unwrap())
    }

    fn choices(text: &str) -> Vec<Choice> {
        let (document, at) = marked(text);
        Cursor::at(&document, at).map(|cursor| cursor.choices()).unwrap_or_default()
    }

    fn labels(text: &str) -> Vec<String> {
        choices(text).into_iter().map(|choice| choice.label).collect()
    }

    /// The text after the choice of that name was taken.
    fn taken(text: &str, label: &str) -> String {
        let choice = choices(text).into_iter().find(|choice| choice.label == label).unwrap();
        let mut text = text.replace("$0", "");
        text.replace_range(choice.replace.start as usize..choice.replace.end as usize, &choice.insert);
        text
    }

    #[test]
    fn keys_are_proposed_where_keys_stand() {
        let all: Vec<&str> = ROOT.iter().map(|key| key.name).collect();
        assert_eq!(labels("{ $0 }"), all);
        assert_eq!(labels("{ lis$0 }"), all, "an editor filters");
        assert!(
            !labels("{ data: 'x', $0 }").contains(&"data".to_owned()),
            "what is there is not proposed again"
        );
        assert!(labels("{ da$0ta: 'x' }").contains(&"data".to_owned()), "but for itself");
        let webchat = labels("{ accounts: { a: { kind: 'webchat', $0 } } }");
        assert_eq!(webchat, ["stale", "path", "title", "greeting", "origins", "frames", "rooms"]);
        assert_eq!(labels("{ accounts: { a: { kind: 'webchat', rooms: [{ $0 }] } } }"), ["name", "title"]);
        let unsaid = labels("{ models: { providers: { x: { $0 } } } }");
        assert_eq!(unsaid, ["kind", "key", "url", "schemas", "record", "script", "recording"], "each once");
        let accounts = labels("{ accounts: { a: { $0 } } }");
        assert_eq!(accounts.iter().collect::<BTreeSet<_>>().len(), accounts.len(), "{accounts:?}");
        assert_eq!(labels("{ accounts: { $0 } }"), [""; 0], "names are the author's");
        assert_eq!(labels("$0{ }"), [""; 0]);
        assert_eq!(labels("{ settings: { x: { $0 } } }"), [""; 0]);
    }

    #[test]
    fn values_are_proposed_where_values_stand() {
        assert_eq!(labels("{ watch: $0 }"), ["true", "false"]);
        assert_eq!(labels("{ watch: t$0 }"), ["true", "false"]);
        assert_eq!(labels("{ watch: $0, data: 'x' }"), ["true", "false"]);
        assert_eq!(labels("{ version: $0 }"), ["1"]);
        assert_eq!(labels("{ accounts: { a: { kind: $0 } } }"), ["terminal", "webchat", "telegram"]);
        assert_eq!(labels("{ accounts: { a: { kind: '$0' } } }"), ["terminal", "webchat", "telegram"]);
        assert_eq!(labels("{ vault: { kind: $0 } }"), ["keychain", "file", "folder"]);
        assert_eq!(labels("{ accounts: { a: { stale: 'd$0' } } }"), ["deliver", "digest", "drop"]);
        assert_eq!(labels("{ accounts: { a: { kind: 'webchat' } }, bindings: { x: '$0' } }"), ["a"]);
        assert_eq!(labels("{ accounts: { a: { kind: 'webchat' } }, bindings: { x: ['b', $0] } }"), ["a"]);
    }

    #[test]
    fn what_is_taken_stands_where_it_belongs() {
        assert_eq!(taken("{ lis$0 }", "listen"), "{ listen:  }");
        assert_eq!(taken("{ lis$0: 'x' }", "listen"), "{ listen: 'x' }");
        assert_eq!(taken("{ watch: t$0 }", "true"), "{ watch: true }");
        assert_eq!(
            taken("{ accounts: { a: { kind: 'w$0' } } }", "webchat"),
            "{ accounts: { a: { kind: \"webchat\" } } }"
        );
    }

    #[test]
    fn keys_and_words_are_explained() {
        let said = |text: &str| {
            let (document, at) = marked(text);
            hover(&document, at).map(|(_, said)| said)
        };
        assert!(said("{ li$0sten: 'x' }").unwrap().starts_with("**listen**: an address and port"));
        assert!(
            said("{ accounts: { a: { kind: 'webchat', fra$0mes: [] } } }").unwrap().contains("in a frame")
        );
        assert_eq!(
            said("{ accounts: { a: { kind: 'web$0chat' } } }").unwrap(),
            "**webchat**: A chat page that the runtime serves."
        );
        assert!(said("{ accounts: { a: { stale: 'dig$0est:2h' } } }").unwrap().contains("keeps them back"));
        assert_eq!(said("{ data: 'x$0' }"), None);
        assert_eq!(said("{ nonsense$0: 1 }"), None);
    }
}
