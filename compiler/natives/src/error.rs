//! Why a native has no result: all of these are faults of the run.

use carapace_module::value::arith;

/// Why a native has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The arguments are of its types, but it has no answer to them.
    #[error("{0}")]
    Refused(String),
    /// The answer would be larger than any value may be.
    #[error("the result would be too large")]
    TooLarge,
    /// Arithmetic.
    #[error(transparent)]
    Arithmetic(#[from] arith::Error),
    /// The arguments are not of its types; the checker lets none of it through.
    #[error("the arguments of a native are not of its types")]
    Types,
}

impl Error {
    pub(crate) fn refused(message: impl Into<String>) -> Error {
        Error::Refused(message.into())
    }
}
