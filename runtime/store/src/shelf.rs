//! What rests: values that nobody needs at present, kept out of memory between checkpoints.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::ControlFlow;

/// Where an entry lies on a shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    /// Which file.
    pub file: u32,
    /// From which byte on.
    pub offset: u32,
    /// How many bytes, with the line break.
    pub length: u32,
}

/// The part of a shelf that a checkpoint stands on: its files from `first` to `last`, the last up to byte `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// The first file.
    pub first: u32,
    /// The last file.
    pub last: u32,
    /// The byte behind its last entry.
    pub end: u32,
}

/// Entries beside the journal that a checkpoint refers to instead of holding them, so that what rests for days is written
/// once and not with every checkpoint. Entries are JSON objects; each is read back by its [`Spot`].
///
/// It is no journal: what is put here counts when a checkpoint that refers to it does, and
/// [`Store::write_checkpoint`](crate::Store::write_checkpoint) makes everything that was put before durable first. What lies behind
/// the extent of the latest checkpoint was never heard of, and [`Shelf::resume`] removes it. Only the owner of the journal
/// puts.
pub trait Shelf: Send + Sync + fmt::Debug {
    /// Puts an entry, the text of a JSON object without line breaks, at the end.
    ///
    /// # Errors
    /// When it cannot be written; what is on the shelf stays readable.
    fn put(&self, object: &[u8]) -> Result<Spot, Error>;

    /// The entry at a spot, its checksum checked.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is damaged or no longer there.
    fn get(&self, spot: Spot) -> Result<Vec<u8>, Error>;

    /// How far it goes at present; none before the first entry.
    fn extent(&self) -> Option<Extent>;

    /// Bytes of the files from `first` on.
    fn bytes(&self, first: u32) -> u64;

    /// Goes on in a new file, where there is one already: what was put is in files before it. Answers the new file's number; 0
    /// where nothing was put yet.
    ///
    /// # Errors
    /// When it cannot be made.
    fn roll(&self) -> Result<u32, Error>;

    /// Visits the entries of an extent, in order, from a file and byte on, until the visitor breaks.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a damaged or missing entry.
    fn scan(
        &self,
        extent: Extent,
        visit: &mut dyn FnMut(Spot, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), Error>;

    /// Goes on behind an extent, that of the latest checkpoint: everything else is removed.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn resume(&self, extent: Option<Extent>) -> Result<(), Error>;

    /// Lets the files before `first` go: no checkpoint that counts refers to them any more.
    ///
    /// # Errors
    /// When they cannot be removed.
    fn drop_before(&self, first: u32) -> Result<(), Error>;
}

impl Spot {
    /// The byte behind it.
    pub fn end(self) -> u32 {
        self.offset.saturating_add(self.length)
    }
}
