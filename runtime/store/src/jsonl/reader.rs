//! The journal in a folder, read by somebody who does not own it.

use super::archive::{self, read_seal};
use super::folder::{Folder, Manifest};
use super::lines::read_lines;
use super::recovery::find_end;
use super::shelf::FileShelf;
use super::store::Options;
use super::{blobs, checkpoint};
use crate::{BlobId, Checkpoint, Error, Line, Part, Past, Position, Shelf};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The journal of a folder up to where it ended when this was opened. It takes no lock and changes nothing, so it also
/// reads a folder that it may not write to. An owner may go on writing meanwhile: then it is a little behind, and
/// where the owner has just let old lines or a checkpoint go, an error says so and opening it again helps.
pub struct JsonlReader {
    folder: Folder,
    manifest: Manifest,
    end: Position,
}

impl JsonlReader {
    /// Opens a folder for reading; `None` where it holds no journal.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when something that was durable is damaged, [`Error::Newer`] when a later version wrote it.
    pub fn open(options: Options) -> Result<Option<JsonlReader>, Error> {
        let folder = Folder { disk: options.disk, root: options.path };
        let manifest = folder.read_manifest()?;
        let Some(end) = find_end(&folder, &manifest)? else { return Ok(None) };
        Ok(Some(JsonlReader { folder, manifest, end }))
    }

    /// The last line.
    pub fn position(&self) -> Position {
        self.end
    }
}

impl Past for JsonlReader {
    fn checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        self.manifest.checkpoint.as_ref().map(|named| checkpoint::read(&self.folder, named)).transpose()
    }

    fn shelf(&self) -> Arc<dyn Shelf> {
        Arc::new(FileShelf::new(self.folder.clone(), u32::MAX))
    }

    fn lines(
        &self,
        after: Position,
        visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let live = || self.folder.read_manifest().map(|manifest| manifest.first);
        read_lines(&self.folder, &live, self.end, after, visit)
    }

    fn live(&self) -> Result<Position, Error> {
        self.folder.read_manifest().map(|manifest| manifest.first)
    }

    fn parts(&self) -> Result<Vec<Position>, Error> {
        archive::list_before(&self.folder, self.live()?)
    }

    fn part(&self, first: Position) -> Result<(Part, Vec<u8>), Error> {
        read_seal(&self.folder, first).map(|sealed| (sealed.part, sealed.index))
    }

    fn blob(&self, id: BlobId) -> Result<Option<Vec<u8>>, Error> {
        blobs::get(&self.folder, id)
    }
}
