//! What agents and people have said.

use carapace_effect::{Exchange, SessionKey, Turn};
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
