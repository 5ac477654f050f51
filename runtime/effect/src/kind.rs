//! What a kind of channel can do, for those who have to write differently for each.

use crate::kinds::KINDS;

/// A kind of channel, as the library declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// `telegram`.
    pub name: &'static str,
    /// What it can, sorted: `buttons`, `quote`, `media by url`, …
    pub can: &'static [&'static str],
    /// The longest text of one message, in characters.
    pub max_text: usize,
    /// For how many milliseconds it recognises a request by its key; 0 where it does not.
    pub keyed: i64,
    /// For how many milliseconds the network repeats an event; 0 where it does not say.
    pub redelivers: i64,
}

impl Kind {
    /// The kind of that name.
    pub fn named(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// Whether it has that ability.
    pub fn can(&self, ability: &str) -> bool {
        self.can.binary_search(&ability).is_ok()
    }
}
