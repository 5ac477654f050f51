//! Messages on their way out.

use crate::stored::{Letter, Staleness};
use crate::{ActId, Destination};
use carapace_effect::Reach;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A message waits for its turn: others go to the same place before it, or its channel takes nothing now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// Which.
    pub act: ActId,
    /// Since when.
    pub at: i64,
}

/// So much went to a place lately that nothing more goes there for a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slowed {
    /// Where.
    pub to: Destination,
    /// Until when.
    pub due: i64,
}

/// A performer gave a message back: nothing of it left, and it may be tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Which.
    pub act: ActId,
    /// When.
    pub at: i64,
    /// When the next is tried, its jitter included.
    pub due: i64,
    /// How often in a row it was tried in vain.
    pub tries: u32,
    /// Whether nothing at all goes out on this account meanwhile; else nothing to this place.
    pub whole: bool,
    /// Why, for a person.
    pub why: Arc<str>,
}

/// A message was not sent because it waited too long, and a digest will say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// Where it would have gone.
    pub to: Destination,
    /// Since when it waited.
    pub at: i64,
    /// How it begins.
    pub text: Arc<str>,
}

/// A message that no run waits for is on its way: a digest; or a letter that is sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Posted(pub Letter);

/// A message failed for good and is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shelved(pub Letter);

/// A message that was kept is kept no longer: it was sent, or a person threw it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discarded {
    /// Which.
    pub act: ActId,
    /// Whether it was sent.
    pub sent: bool,
}

/// A message that was sent got further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Which.
    pub act: ActId,
    /// How far.
    pub reach: Reach,
}

/// What becomes of messages of an account that waited too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StalenessSet {
    /// The account.
    pub account: Arc<str>,
    /// What.
    pub staleness: Staleness,
}
