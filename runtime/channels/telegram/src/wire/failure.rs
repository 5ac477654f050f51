//! Why a request was not answered as it should be.

use std::time::Duration;

/// Why a request was not answered as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Telegram says no: it did not happen.
    Refused(Refusal),
    /// Nothing left this process.
    NotSent(String),
    /// It was on its way, and no answer came that can be read. It may have happened.
    Lost(String),
}

/// What Telegram says when it says no.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Refusal {
    /// `error_code`, which is an HTTP status.
    pub(crate) code: i64,
    /// In its words.
    pub(crate) description: String,
    /// Too much at once: not before this.
    pub(crate) retry_after: Option<Duration>,
    /// The group has become a supergroup, which has this id.
    pub(crate) migrated_to: Option<i64>,
}

impl Refusal {
    /// Whether its words have these in them, in any case: there are no codes for most things.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.description.to_ascii_lowercase().contains(words)
    }

    /// The token is not accepted. A token that never was one gives 404.
    pub(crate) fn is_unauthorized(&self) -> bool {
        self.code == 401 || (self.code == 404 && self.description.eq_ignore_ascii_case("not found"))
    }
}

impl Failure {
    /// In words, for a person.
    pub(crate) fn words(&self) -> String {
        match self {
            Failure::Refused(refusal) => told(&refusal.description),
            Failure::NotSent(message) | Failure::Lost(message) => message.clone(),
        }
    }

    /// The same in other words.
    pub(crate) fn map_words(self, other: impl FnOnce(String) -> String) -> Failure {
        match self {
            Failure::Refused(refusal) => {
                let description = other(refusal.description);
                Failure::Refused(Refusal { description, ..refusal })
            }
            Failure::NotSent(message) => Failure::NotSent(other(message)),
            Failure::Lost(message) => Failure::Lost(other(message)),
        }
    }

    /// The same, where it was refused.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Failure::Refused(refusal) => Some(refusal),
            Failure::NotSent(_) | Failure::Lost(_) => None,
        }
    }
}

/// Telegram's words as ours are written: without the status in front, lower case, bounded.
fn told(description: &str) -> String {
    let words = ["Bad Request: ", "Forbidden: ", "Conflict: "]
        .iter()
        .find_map(|status| description.strip_prefix(status))
        .unwrap_or(description);
    let mut chars = words.chars().take(300);
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    let words: String = first.into_iter().chain(chars).collect();
    format!("telegram says: {}", words.trim_end_matches('.'))
}
