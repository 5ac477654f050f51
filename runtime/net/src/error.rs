//! Why there is no answer, and what that says about the request.

use std::time::Duration;

/// Codes of refusals.
pub(crate) mod code {
    /// The address is not public.
    pub(crate) const PLACE: &str = "E1011";
    /// Nobody allowed the host.
    pub(crate) const HOST: &str = "E1012";
    /// The address cannot be called as it is written.
    pub(crate) const ADDRESS: &str = "E1013";
    /// The header is not the flow's to set.
    pub(crate) const HEADER: &str = "E1014";
    /// The answer is not taken.
    pub(crate) const ANSWER: &str = "E1015";
    /// The redirect is not followed.
    pub(crate) const REDIRECT: &str = "E1016";
    /// The secret may not go there.
    pub(crate) const SECRET: &str = "E1017";
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not called. Nothing left for the place that the message names; where that is the goal of a redirect, the one who
    /// redirects has not done what it was asked.
    #[error("{message} [{code}]")]
    Refused {
        /// The code of its page.
        code: &'static str,
        /// Why, for a person.
        message: String,
    },
    /// No connection came about: nothing of the request left.
    #[error("{message}")]
    Unreached {
        /// Why, for a person.
        message: String,
    },
    /// The request may have arrived, and no whole answer came.
    #[error("{message}")]
    Unanswered {
        /// What is known, for a person.
        message: String,
    },
    /// It was answered, and the answer is not taken.
    #[error("{message} [{code}]")]
    Unacceptable {
        /// The status of the answer.
        status: u16,
        /// The code of its page.
        code: &'static str,
        /// Why, for a person.
        message: String,
    },
    /// The server asks to be left alone for now (429, 503), which says that it did nothing.
    #[error("{message}")]
    Later {
        /// Who said what.
        message: String,
        /// Whether it is because it was asked too often.
        limited: bool,
        /// For how long, where it says so.
        after: Option<Duration>,
    },
}

impl Error {
    pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Error {
        Error::Refused { code, message: message.into() }
    }

    pub(crate) fn unanswered(message: impl Into<String>) -> Error {
        Error::Unanswered { message: message.into() }
    }

    pub(crate) fn unacceptable(status: u16, message: impl Into<String>) -> Error {
        Error::Unacceptable { status, code: code::ANSWER, message: message.into() }
    }
}
