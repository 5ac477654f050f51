//! Why a model did not answer.

use carapace_effect::{Failure, FailureKind};
use std::time::Duration;

/// Why a model did not answer, in words for a person that hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What kind of failure it is to a flow.
    pub kind: FailureKind,
    /// One line: which model, what it said, and the way out.
    pub message: String,
    /// In what time it may be asked again, where the provider says so.
    pub retry_after: Option<Duration>,
}

impl Error {
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), retry_after: None }
    }

    pub(crate) fn unavailable(message: impl Into<String>) -> Error {
        Error::new(FailureKind::Unavailable, message)
    }

    pub(crate) fn transient(message: impl Into<String>) -> Error {
        Error::new(FailureKind::Transient, message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Error {
        Error::new(FailureKind::Invalid, message)
    }

    /// Whether another model may do better: where this one cannot be had, and not where the request is what is wrong.
    pub(crate) const fn is_of_the_provider(&self) -> bool {
        matches!(self.kind, FailureKind::Unavailable | FailureKind::Limited | FailureKind::Transient)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let retry_after = error.retry_after.and_then(|after| i64::try_from(after.as_millis()).ok());
        Failure { kind: error.kind, message: error.message, retry_after }
    }
}
