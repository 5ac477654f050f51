//! What can be read of a journal, owned or not.

use crate::{BlobId, Checkpoint, Error, Line, Part, Position, Shelf, Store};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What can be read of a journal. Every [`Store`] can be read; so can the folder of a journal that somebody else
/// owns, or nobody ([`crate::JsonlReader`]).
pub trait Past {
    /// The latest checkpoint.
    ///
    /// # Errors
    /// As [`Store::read_checkpoint`].
    fn checkpoint(&self) -> Result<Option<Checkpoint>, Error>;

    /// What the checkpoint refers to.
    fn shelf(&self) -> Arc<dyn Shelf>;

    /// Visits the lines after `after`, in order, until the visitor breaks.
    ///
    /// # Errors
    /// As [`Store::read`].
    fn lines(&self, after: Position, visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>)
    -> Result<(), Error>;

    /// The first line that is live.
    ///
    /// # Errors
    /// As [`Store::first_live`].
    fn live(&self) -> Result<Position, Error>;

    /// The first lines of the archive's parts, oldest first.
    ///
    /// # Errors
    /// As [`Store::archived`].
    fn parts(&self) -> Result<Vec<Position>, Error>;

    /// The part of the archive that begins with a line, and its index.
    ///
    /// # Errors
    /// As [`Store::read_part`].
    fn part(&self, first: Position) -> Result<(Part, Vec<u8>), Error>;

    /// The bytes of a blob, their hash checked; `None` for an unknown one.
    ///
    /// # Errors
    /// As [`Store::get_blob`].
    fn blob(&self, id: BlobId) -> Result<Option<Vec<u8>>, Error>;
}

impl<S: Store + ?Sized> Past for S {
    fn checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        self.read_checkpoint()
    }

    fn shelf(&self) -> Arc<dyn Shelf> {
        Store::shelf(self)
    }

    fn lines(
        &self,
        after: Position,
        visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        self.read(after, visit)
    }

    fn live(&self) -> Result<Position, Error> {
        self.first_live()
    }

    fn parts(&self) -> Result<Vec<Position>, Error> {
        self.archived()
    }

    fn part(&self, first: Position) -> Result<(Part, Vec<u8>), Error> {
        self.read_part(first)
    }

    fn blob(&self, id: BlobId) -> Result<Option<Vec<u8>>, Error> {
        self.get_blob(id)
    }
}
