//! The life of an operation (`runtime.md` 4).

use serde::{Deserialize, Serialize};

/// Where an operation stands. Every change is a journal record before it is an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// Asked for, durable; nothing has left the process.
    Requested,
    /// The given attempt, counted from 1, may have left the process.
    Started {
        /// Which attempt.
        attempt: u32,
    },
    /// It happened.
    Done,
    /// A known failure.
    Refused,
    /// It never left, and never will.
    NotPerformed,
    /// Nobody can know; a probe or a person resolves it.
    Unknown,
}

impl Life {
    /// Whether nothing more will come of it by itself.
    pub const fn is_settled(self) -> bool {
        matches!(self, Life::Done | Life::Refused | Life::NotPerformed)
    }
}
