//! Why an engine could not be opened, or had to stop.

use crate::state::RestoreError;
use carapace_store::Position;

/// Why an engine could not be opened, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The journal failed. What it does not know to be durable was not told to anybody.
    #[error(transparent)]
    Store(#[from] carapace_store::Error),
    /// A line of the journal says something this program does not understand.
    #[error("line {line} of the journal cannot be understood: {source}")]
    Line {
        /// Which.
        line: Position,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The checkpoint cannot be read.
    #[error(transparent)]
    Checkpoint(#[from] RestoreError),
    /// A record has no form in the journal.
    #[error("a record cannot be written down: {0}")]
    Unwritable(#[source] serde_json::Error),
    /// The operating system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    NoEntropy(getrandom::Error),
}
