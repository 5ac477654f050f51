//! Whether an account works, found out by asking its network.

use serde::{Deserialize, Serialize};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How it is.
    pub verdict: Verdict,
    /// What was found, for a person: lower case, no full stop, and nothing of a secret.
    pub message: String,
    /// What to do, where it is not fine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// How something that was looked at is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it shall be.
    Fine,
    /// Nobody can find out from here.
    Unknown,
    /// It works, and a person should know about it.
    Doubtful,
    /// It does not work.
    Wrong,
}

impl Finding {
    /// As it shall be.
    pub fn fine(message: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::Fine, message: message.into(), help: None }
    }

    /// Nobody can find out from here.
    pub fn unknown(message: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::Unknown, message: message.into(), help: None }
    }

    /// It works, and a person should know about it.
    pub fn doubtful(message: impl Into<String>, help: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::Doubtful, message: message.into(), help: Some(help.into()) }
    }

    /// It does not work, and what to do.
    pub fn wrong(message: impl Into<String>, help: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::Wrong, message: message.into(), help: Some(help.into()) }
    }
}
