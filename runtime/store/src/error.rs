//! What can go wrong with a journal.

use crate::{BlobId, Epoch, Position};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// What can go wrong with a journal. Cheap to clone, as every caller of a poisoned store gets one.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {what} `{}`: {source}", path.display())]
    Io {
        /// What was tried: `write`, `sync`, `open`.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why not.
        source: Arc<io::Error>,
    },
    /// A file says something else than was written to it, at a place that was durable.
    #[error("`{}` is damaged at byte {byte}{}: {why}; nothing was changed", file.display(), of_line(*seq))]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// Where the damage begins.
        byte: u64,
        /// The line's number, where the file is a segment.
        seq: Option<Position>,
        /// What is wrong there.
        why: String,
    },
    /// A newer version of Carapace wrote it.
    #[error("`{}` has format version {found}, this program reads up to {known}: use the newer program", file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: u32,
        /// The highest version this program reads.
        known: u32,
    },
    /// Another process has the folder open.
    #[error("`{}` is in use by another process{}", path.display(), by_process(by))]
    Owned {
        /// The folder.
        path: PathBuf,
        /// The other's process number, where it is known.
        by: Option<u32>,
    },
    /// Somebody else took the ownership over.
    #[error("epoch {epoch} may no longer write, epoch {current} does")]
    Fenced {
        /// Who tried.
        epoch: Epoch,
        /// Who may.
        current: Epoch,
    },
    /// The caller thinks the journal is somewhere else than it is.
    #[error("expected position {expected}, but it is {actual}")]
    Conflict {
        /// What the caller thought.
        expected: Position,
        /// What is.
        actual: Position,
    },
    /// The lines asked for are gone.
    #[error("lines up to {gone} are in the checkpoint only")]
    Truncated {
        /// The last line that is gone.
        gone: Position,
    },
    /// One line would be larger than any reader takes.
    #[error("a transaction of {size} bytes is larger than the {limit} a line may have")]
    TooLarge {
        /// Its size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// A write or sync failed earlier.
    #[error("the journal stopped after a failure: {cause}")]
    Poisoned {
        /// That failure.
        cause: String,
    },
    /// A blob is not what its name says.
    #[error("blob {id} is damaged")]
    BlobDamaged {
        /// Its name.
        id: BlobId,
    },
}

impl Error {
    /// Whether there is no space left, which somebody may make.
    pub fn is_full(&self) -> bool {
        match self {
            Error::Io { source, .. } => {
                matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            _ => false,
        }
    }

    /// Whether what was asked for is kept no longer: it was there when it was listed, and old enough to go.
    pub fn is_gone(&self) -> bool {
        match self {
            Error::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Error::Truncated { .. } => true,
            _ => false,
        }
    }

    /// An operating system's refusal.
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Error {
        Error::Io { what, path: path.into(), source: Arc::new(source) }
    }
}

fn of_line(seq: Option<Position>) -> String {
    seq.map(|s| format!(" (line {s})")).unwrap_or_default()
}

fn by_process(by: &Option<u32>) -> String {
    by.map(|p| format!(" (process {p})")).unwrap_or_default()
}
