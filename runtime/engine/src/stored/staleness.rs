//! What becomes of messages that waited too long.

use serde::{Deserialize, Serialize};

/// What becomes of messages of an account that waited too long for their channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Staleness {
    /// What.
    pub fate: StaleFate,
    /// How long is too long, in milliseconds.
    pub after: i64,
}

/// What becomes of a message that waited too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaleFate {
    /// It is sent all the same.
    #[default]
    Deliver,
    /// It is not sent; one message for each conversation says what was held back.
    Digest,
    /// It is not sent.
    Drop,
}
