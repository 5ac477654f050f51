//! JSON5 (<https://spec.json5.org>) as a tree with places. A text with mistakes has a tree too: an editor asks about texts
//! that are being written.

mod number;
mod parse;
mod text;

use carapace_diagnostic::{Diagnostic, FileId, Span};
use serde_json::Value as Json;

/// The text of one file, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The one value; [`Value::Broken`] where there is none.
    pub root: Node,
    /// What is wrong with the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From its first byte to its last.
    pub span: Span,
    /// What stands there.
    pub value: Value,
}

/// What can stand in a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true`, `false`.
    Flag(bool),
    /// A number.
    Number(Number),
    /// A text in quotes.
    Text(Text),
    /// `[…]`.
    List(Vec<Node>),
    /// `{…}`, in the order of the text.
    Object(Vec<Member>),
    /// Nothing that could be read; it was told.
    Broken,
}

/// A number as JSON has it; none for `NaN`, `Infinity` and what is too large.
#[derive(Debug, Clone, PartialEq)]
pub struct Number(pub Option<serde_json::Number>);

/// A text in quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What it says.
    pub value: String,
    /// As it stood in the file, where a part of it is of the environment: what may be shown of it.
    pub written: Option<String>,
}

/// `name: value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key.
    pub name: Name,
    /// The byte of its colon; none where it is missing.
    pub colon: Option<u32>,
    /// The value.
    pub value: Node,
    /// The byte behind everything that belongs to it: that of the comma or the bracket.
    pub end: u32,
}

/// A key and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// With its quotes, where it has some.
    pub span: Span,
    /// What it says.
    pub text: String,
}

impl Document {
    /// Of the text of a file.
    pub fn parse(text: &str, file: FileId) -> Document {
        parse::parse(text, file)
    }
}

impl Node {
    /// What it is, for messages.
    pub fn noun(&self) -> &'static str {
        match self.value {
            Value::Null => "`null`",
            Value::Flag(true) => "`true`",
            Value::Flag(false) => "`false`",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
            Value::Broken => "nothing",
        }
    }

    /// The value of a key, where it is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.value)
    }

    /// A key with its value.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name.text == key)
    }

    /// Its members; none where it is no object.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// Its elements; none where it is no list.
    pub fn elements(&self) -> &[Node] {
        match &self.value {
            Value::List(elements) => elements,
            _ => &[],
        }
    }

    /// What it says, where it is a text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(&text.value),
            _ => None,
        }
    }

    /// As JSON; none where a part of it cannot be said in JSON. `shown` leaves out what is of the environment.
    pub fn json(&self, shown: bool) -> Option<Json> {
        Some(match &self.value {
            Value::Null => Json::Null,
            Value::Flag(flag) => Json::Bool(*flag),
            Value::Number(number) => Json::Number(number.0.clone()?),
            Value::Text(text) => {
                Json::from(text.written.as_ref().filter(|_| shown).unwrap_or(&text.value).as_str())
            }
            Value::List(elements) => {
                elements.iter().map(|e| e.json(shown)).collect::<Option<Vec<_>>>()?.into()
            }
            Value::Object(members) => {
                let member = |m: &Member| Some((m.name.text.clone(), m.value.json(shown)?));
                Json::Object(members.iter().map(member).collect::<Option<_>>()?)
            }
            Value::Broken => return None,
        })
    }
}
