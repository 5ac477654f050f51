//! Looking into JSON of which nothing is certain.

use serde_json::Value;

/// A part of an update or an answer, which may be anything or nothing. Asking it never fails: what is not there, or is of
/// another type, is none. So a field that Telegram adds or changes costs that field and not the message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a>(Option<&'a Value>);

impl<'a> Part<'a> {
    pub(crate) fn of(value: &'a Value) -> Part<'a> {
        Part(Some(value))
    }

    /// What is called so in an object.
    pub(crate) fn at(self, name: &str) -> Part<'a> {
        Part(self.0.and_then(|value| value.get(name)).filter(|value| !value.is_null()))
    }

    pub(crate) fn is_there(self) -> bool {
        self.0.is_some()
    }

    /// It, unless there is nothing.
    pub(crate) fn there(self) -> Option<Part<'a>> {
        self.0.map(|_| self)
    }

    /// A text that is not empty.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.0.and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(crate) fn number(self) -> Option<i64> {
        self.0.and_then(Value::as_i64)
    }

    pub(crate) fn fraction(self) -> Option<f64> {
        self.0.and_then(Value::as_f64)
    }

    pub(crate) fn is_true(self) -> bool {
        self.0.and_then(Value::as_bool) == Some(true)
    }

    /// The elements of a list.
    pub(crate) fn list(self) -> impl DoubleEndedIterator<Item = Part<'a>> {
        self.0.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter().map(Part::of)
    }
}
