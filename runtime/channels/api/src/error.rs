//! Why a channel ended, and why a file could not be had.

use crate::AccountId;

/// Why a channel could not run on. Lost connections are not among them: those it mends itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The platform does not take the account's credentials, or they cannot be had. A person mends it, also while everything
    /// runs: the channel is run again every few seconds, and asks the platform again only with others.
    #[error("`{account}` is not let in: {message}")]
    Unauthorized {
        /// The account.
        account: AccountId,
        /// What the platform said.
        message: String,
    },
    /// The options make no sense together.
    #[error("`{account}` cannot be set up: {message}")]
    Options {
        /// The account.
        account: AccountId,
        /// What is wrong.
        message: String,
    },
    /// A file or stream of this machine failed.
    #[error("`{account}`: {action}")]
    Io {
        /// The account.
        account: AccountId,
        /// What was tried: "cannot read the message log".
        action: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Somebody runs this account already.
    #[error("`{account}` is running already")]
    Running {
        /// The account.
        account: AccountId,
    },
}

/// Why an attachment could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The channel keeps no files.
    #[error("this channel has no files to fetch")]
    Unsupported,
    /// It is gone, or the reference was never ours.
    #[error("the file is not there")]
    NotFound,
    /// Larger than the caller takes.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The caller's limit in bytes.
        limit: u64,
    },
    /// It is not fetched, or not handed on: its address leads where nobody goes, or it is not what it is said to be.
    #[error("the file is not taken: {message}")]
    Refused {
        /// Why, for a person.
        message: String,
    },
    /// It may work later.
    #[error("the file cannot be had now: {message}")]
    Unavailable {
        /// Why.
        message: String,
    },
}
