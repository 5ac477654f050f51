//! What agents and people have said.

use crate::stored::Frame;
use carapace_effect::{Exchange, Remembered, SessionKey, Turn};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A turn of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The session.
    pub session: SessionKey,
    /// The call of `chat` that it belongs to.
    pub of: Exchange,
    /// When.
    pub at: i64,
    /// What.
    pub said: Turn,
}

/// The older turns of a session are in the store, and no longer here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compacted {
    /// The session.
    pub session: SessionKey,
    /// The number of the last of them.
    pub through: u64,
    /// The blob that holds them, a turn a line. It was durable before this line.
    pub archive: Arc<str>,
    /// When.
    pub at: i64,
}

/// What an agent is given of a session changed, or is about to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// The session.
    pub session: SessionKey,
    /// When.
    pub at: i64,
    /// Whose words may be in it: who is forgotten takes it along.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Speaker>,
    /// What changed.
    pub change: Change,
}

/// Who said something in a session, as `carapace forget` finds people in records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speaker {
    /// The account.
    pub account: Arc<str>,
    /// The person's id there.
    pub user: Arc<str>,
}

/// What may change of what an agent is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Its declaration says something else of how much that is.
    Framed(Frame),
    /// The turns up to a number are to be summed up.
    Asked {
        /// The number.
        through: u64,
    },
    /// They are, or nobody could.
    Summed {
        /// The number of the last of them.
        through: u64,
        /// The words; none where there is no summary.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        summary: Option<Arc<str>>,
    },
    /// A fact is always given.
    Pinned {
        /// The words.
        fact: Arc<str>,
        /// Who wrote what the run was about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Arc<str>>,
    },
    /// It is no more.
    Unpinned {
        /// The words.
        fact: Arc<str>,
    },
    /// What was put away last is back.
    Restored {
        /// The blob that held it, and that nobody needs any more.
        archive: Arc<str>,
        /// Its turns; before them the note that stood there, if any did.
        turns: Vec<Remembered>,
    },
}
