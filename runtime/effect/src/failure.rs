//! Why something did not succeed, as the language shows it (`e.kind`, `e.message`).

use serde::{Deserialize, Serialize};

/// The closed set of `e.kind`. The library declares the same union (`ErrorKind`), tags in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The flow said `fail(…)`.
    Failed,
    /// The other side said no, and would say no again.
    Refused,
    /// A passing fault of the other side; retrying may help.
    Transient,
    /// It took longer than `within`, `until` or `timeout`.
    Timeout,
    /// Over a rate limit; `retry_after` may say until when.
    Limited,
    /// Over a budget; nothing was asked of the model.
    Budget,
    /// The answer was not acceptable, `reask` included.
    Invalid,
    /// What it asks for does not exist or is not bound, or nobody here can perform it.
    Unavailable,
    /// It was not performed, and never will be: a channel went away, a message expired.
    NotPerformed,
}

impl FailureKind {
    /// All, in the order of their tags.
    pub const ALL: [FailureKind; 9] = [
        FailureKind::Failed,
        FailureKind::Refused,
        FailureKind::Transient,
        FailureKind::Timeout,
        FailureKind::Limited,
        FailureKind::Budget,
        FailureKind::Invalid,
        FailureKind::Unavailable,
        FailureKind::NotPerformed,
    ];

    /// The tag's name in the language.
    pub const fn name(self) -> &'static str {
        match self {
            FailureKind::Failed => "failed",
            FailureKind::Refused => "refused",
            FailureKind::Transient => "transient",
            FailureKind::Timeout => "timeout",
            FailureKind::Limited => "limited",
            FailureKind::Budget => "budget",
            FailureKind::Invalid => "invalid",
            FailureKind::Unavailable => "unavailable",
            FailureKind::NotPerformed => "not_performed",
        }
    }

    /// Whether `retry` tries again after it: known, transient failures only.
    pub const fn is_transient(self) -> bool {
        matches!(self, FailureKind::Transient | FailureKind::Limited)
    }
}

/// A known failure. As a value of the language: the record `Error { kind, message, retry_after }` of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind.
    pub kind: FailureKind,
    /// One line for a person.
    pub message: String,
    /// In how many milliseconds the other side may be asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<i64>,
}

impl Failure {
    /// A failure without `retry_after`.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure { kind, message: message.into(), retry_after: None }
    }
}
