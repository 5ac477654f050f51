//! Flows of the first carapace, as `.flow` source that means what their author meant.
//!
//! `old` is the old file as it was; `write` makes source of it, a file for triggers, conditions, actions and templates each.
//! Where the old engine did something else than the words say, the source does what the words say, and a note tells it.
//! Deliberately not here: whether the source checks (the driver says that), files, terminals.

mod error;
mod old;
mod write;

pub use error::Error;
pub use old::Form;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The source of one module, formatted.
    pub source: String,
    /// What a person should know, in the order of the file; the same stands in the source, above what it is about.
    pub notes: Vec<Note>,
    /// How many flows are in the source.
    pub flows: usize,
}

/// Something a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The flow, by its name in the source.
    pub flow: String,
    /// What, in one sentence.
    pub text: String,
}

/// Makes source of a file of the first carapace's flows: `{version: 1, flows: […]}`, or a list of flows, or one flow. `kinds` are the
/// kinds of channels that the library has: an old channel of such a name is one.
///
/// # Errors
/// Where the text is no such file; the message names the place.
pub fn import(text: &str, form: Form, kinds: &[&str]) -> Result<Imported, Error> {
    let flows = old::read(text, form)?;
    Ok(write::package(&flows, kinds))
}
