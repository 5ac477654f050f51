//! What a kind of channel can do, for those who have to write differently for each.

use crate::kinds::KINDS;
use std::time::Duration;

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
    /// How many requests the network takes in which time.
    pub limits: &'static [Limit],
}

/// So many requests in such a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many, at least 1.
    pub most: u32,
    /// In which time.
    pub per: Duration,
    /// What is counted together.
    pub by: LimitBy,
}

/// What a limit counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitBy {
    /// Everything that goes out on an account.
    Account,
    /// What goes to one conversation.
    Conversation,
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
