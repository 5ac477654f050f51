//! The journal in a folder.

use super::archive::{self, Archive, pack, read_seal};
use super::folder::{Folder, Manifest};
use super::lines::read_lines;
use super::mark::Mark;
use super::recovery::{Recovered, recover};
use super::reserve::Reserve;
use super::segment;
use super::shelf::FileShelf;
use super::writer::{Sizes, Writer};
use super::{blobs, checkpoint};
use crate::disk::{Disk, OsDisk};
use crate::store::{Checkpoint, Epoch, Line, OnDurable, Position, Store, Transaction};
use crate::{BlobId, Change, Error, Indexer, Part, Rewritten, Shelf};
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How to open a folder.
#[derive(Clone)]
pub struct Options {
    /// The folder; made where it does not exist.
    pub path: PathBuf,
    /// A segment that has as many bytes gets a successor. 64 MiB by default.
    pub segment_bytes: u64,
    /// A segment whose first line is as much older than the next gets a successor, in milliseconds: what is archived, and
    /// removed when it is old, is whole segments. A day by default.
    pub segment_age: i64,
    /// How many bytes are pre-written at a time, so that a sync need not change the file's length. 1 MiB by default.
    pub padding_bytes: usize,
    /// How many bytes are kept back for a full disk. 4 MiB by default.
    pub reserve_bytes: usize,
    /// What the folder stands on.
    pub disk: Arc<dyn Disk>,
}

/// A journal in a folder. One process at a time has it open.
pub struct JsonlStore {
    // Dropped first: what is queued is written while the lock is still held.
    writer: Writer,
    folder: Folder,
    shelf: Arc<FileShelf>,
    reserve: Arc<Reserve>,
    mark: Mark,
    archive: Arc<Archive>,
    /// One segment leaves at a time.
    leaving: Mutex<()>,
    manifest: Mutex<Manifest>,
    /// One blob at a time, as equal ones would write the same temporary file.
    putting: Mutex<()>,
    recovered: Recovered,
    _lock: Box<dyn Send + Sync>,
}

impl Options {
    /// A folder of the operating system's, with the sizes that serve a runtime.
    pub fn new(path: impl Into<PathBuf>) -> Options {
        Options {
            path: path.into(),
            segment_bytes: 64 * 1024 * 1024,
            segment_age: 86_400_000,
            padding_bytes: 1024 * 1024,
            reserve_bytes: 4 * 1024 * 1024,
            disk: Arc::new(OsDisk),
        }
    }
}

impl JsonlStore {
    /// Opens a folder and mends the torn end that a crash may have left.
    ///
    /// # Errors
    /// [`Error::Owned`] when another process has it open, [`Error::Corrupt`] when something that was durable is damaged
    /// (nothing is changed then), [`Error::Newer`] when a later version wrote it.
    pub fn open(options: Options) -> Result<JsonlStore, Error> {
        let folder = Folder { disk: options.disk, root: options.path };
        folder.create()?;
        let lock = lock(&folder)?;
        folder.remove_left_over()?;
        let manifest = folder.read_manifest()?;
        let end = recover(&folder, &manifest, options.padding_bytes)?;
        let sizes = Sizes {
            segment: options.segment_bytes,
            age: options.segment_age,
            padding: options.padding_bytes,
        };
        let reserve = Arc::new(Reserve::new(folder.clone(), options.reserve_bytes));
        reserve.fill()?;
        archive::remove_left_over(&folder, manifest.first)?;
        let archive = Arc::new(Archive::new(folder.clone()));
        let (spared, yielding) = (Arc::clone(&reserve), Arc::clone(&archive));
        let writer = Writer::start(folder.clone(), &end, sizes, spared, yielding)?;
        let largest = u32::try_from(options.segment_bytes).unwrap_or(u32::MAX);
        let shelf = Arc::new(FileShelf::new(folder.clone(), largest));
        Ok(JsonlStore {
            writer,
            mark: Mark::new(folder.clone()),
            folder,
            shelf,
            reserve,
            archive,
            leaving: Mutex::new(()),
            manifest: Mutex::new(manifest),
            putting: Mutex::new(()),
            recovered: end.recovered,
            _lock: lock,
        })
    }

    /// What was found when the folder was opened.
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    fn leaving(&self) -> MutexGuard<'_, ()> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first lines of the segments that hold nothing behind `upto`, each with that of the one behind it.
    fn leaving_before(&self, epoch: Epoch, upto: Position) -> Result<Vec<(Position, Position)>, Error> {
        let manifest = self.owned_by(epoch)?;
        let at = manifest.at_checkpoint();
        if upto > at {
            return Err(Error::Conflict { expected: upto, actual: at });
        }
        let mut firsts = segment::list(&self.folder)?;
        firsts.retain(|first| *first >= manifest.first);
        let pairs = firsts.array_windows().map(|[first, next]| (*first, *next));
        Ok(pairs.take_while(|(_, next)| next.0 <= upto.0.saturating_add(1)).collect())
    }

    /// Removes a segment.
    fn let_go(&self, epoch: Epoch, first: Position, next: Position) -> Result<(), Error> {
        let mut manifest = self.owned_by(epoch)?;
        let mut changed = manifest.clone();
        changed.first = next;
        // From here on it does not count, whether or not its removal survives a crash.
        self.folder.write_manifest(&changed)?;
        *manifest = changed;
        let path = segment::path(&self.folder, first);
        self.folder.disk.remove(&path).map_err(|e| Error::io("remove", &path, e))
    }

    fn manifest(&self) -> MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The manifest, for an epoch that may write.
    fn owned_by(&self, epoch: Epoch) -> Result<MutexGuard<'_, Manifest>, Error> {
        let manifest = self.manifest();
        if epoch == manifest.epoch {
            Ok(manifest)
        } else {
            Err(Error::Fenced { epoch, current: manifest.epoch })
        }
    }
}

pub(super) fn lock(folder: &Folder) -> Result<Box<dyn Send + Sync>, Error> {
    let path = folder.lock_file();
    match folder.disk.lock(&path) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            let by = folder.read_file(&path).ok().flatten();
            let by = by.and_then(|bytes| String::from_utf8(bytes).ok()?.trim().parse().ok());
            Err(Error::Owned { path: folder.root.clone(), by })
        }
        result => result.map_err(|e| Error::io("lock", path, e)),
    }
}

impl Store for JsonlStore {
    fn lease(&self) -> Result<Epoch, Error> {
        self.writer.alive()?;
        let mut manifest = self.manifest();
        let mut next = manifest.clone();
        next.epoch = Epoch(manifest.epoch.0.saturating_add(1));
        self.folder.write_manifest(&next)?;
        *manifest = next;
        Ok(manifest.epoch)
    }

    fn append(&self, epoch: Epoch, expected: Position, batch: &[Transaction]) -> Result<Position, Error> {
        // The epoch stays checked until the lines are queued: a lease waits for it.
        let _owned = self.owned_by(epoch)?;
        self.writer.append(expected, batch)
    }

    fn position(&self) -> Position {
        self.writer.position()
    }

    fn durable(&self) -> Position {
        self.writer.durable()
    }

    fn sync(&self) -> Result<Position, Error> {
        self.writer.sync()
    }

    fn is_low(&self) -> bool {
        self.reserve.is_spent()
    }

    fn mark(&self, what: &str) -> Result<(), Error> {
        self.mark.write(what)
    }

    fn marked(&self) -> Result<String, Error> {
        self.mark.read()
    }

    fn on_durable(&self, told: OnDurable) {
        self.writer.on_durable(told);
    }

    fn read(&self, after: Position, visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>) -> Result<(), Error> {
        // Of a poisoned journal what is durable can be read.
        let end = self.writer.sync().unwrap_or_else(|_| self.writer.durable());
        read_lines(&self.folder, &|| Ok(self.manifest().first), end, after, visit)
    }

    fn write_checkpoint(&self, epoch: Epoch, wanted: &Checkpoint) -> Result<(), Error> {
        let mut manifest = self.owned_by(epoch)?;
        let position = self.writer.position();
        if wanted.at > position || wanted.at < manifest.at_checkpoint() {
            return Err(Error::Conflict { expected: wanted.at, actual: position });
        }
        self.writer.sync()?;
        let trying = self.reserve.trying();
        self.shelf.sync()?;
        let named = checkpoint::write(&self.folder, wanted)?;
        drop(trying);
        let mut next = manifest.clone();
        next.checkpoint = Some(named.clone());
        self.folder.write_manifest(&next)?;
        *manifest = next;
        checkpoint::remove_others(&self.folder, &named)
    }

    fn read_checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        let named = self.manifest().checkpoint.clone();
        named.map(|named| checkpoint::read(&self.folder, &named)).transpose()
    }

    fn shelf(&self) -> Arc<dyn Shelf> {
        self.shelf.clone()
    }

    fn truncate_before(&self, epoch: Epoch, upto: Position) -> Result<(), Error> {
        let _one = self.leaving();
        let leaving = self.leaving_before(epoch, upto)?;
        self.archive.clear()?;
        for (first, next) in leaving {
            self.let_go(epoch, first, next)?;
        }
        self.reserve.fill()
    }

    fn archive_before(
        &self,
        epoch: Epoch,
        upto: Position,
        indexer: &mut dyn FnMut() -> Box<dyn Indexer>,
    ) -> Result<(), Error> {
        let _one = self.leaving();
        for (first, next) in self.leaving_before(epoch, upto)? {
            let last = Position(next.0.saturating_sub(1));
            // Nobody waits for this: neither who appends nor who writes.
            while let Err(error) = pack(&self.folder, &self.reserve, first, last, &mut *indexer()) {
                if !error.is_full() {
                    return Err(error);
                }
                // What is older gives way; where there is nothing older, this does.
                if !self.archive.give_way() {
                    break;
                }
                self.reserve.fill()?;
            }
            self.let_go(epoch, first, next)?;
        }
        self.reserve.fill()?;
        while self.reserve.is_spent() && self.archive.give_way() {
            self.reserve.fill()?;
        }
        Ok(())
    }

    fn roll(&self, epoch: Epoch) -> Result<(), Error> {
        drop(self.owned_by(epoch)?);
        self.writer.roll()
    }

    fn rewrite_archive(
        &self,
        epoch: Epoch,
        change: &mut Change<'_>,
        indexer: &mut dyn FnMut() -> Box<dyn Indexer>,
    ) -> Result<Rewritten, Error> {
        let _one = self.leaving();
        let live = self.owned_by(epoch)?.first;
        let mut all = Rewritten::default();
        for first in archive::list_before(&self.folder, live)?.into_iter().rev() {
            let one = self.archive.rewrite(&self.reserve, first, change, &mut *indexer())?;
            all.parts = all.parts.saturating_add(one.parts);
            all.removed.extend(one.removed);
        }
        // A file that was removed must not come back with the power: what was to be erased may stand in it.
        for folder in [self.folder.journal(), self.folder.shelf()] {
            self.folder.sync_names(&folder)?;
        }
        Ok(all)
    }

    fn shorten_archive(&self, epoch: Epoch, before: i64) -> Result<u64, Error> {
        drop(self.owned_by(epoch)?);
        self.archive.shorten(before)
    }

    fn first_live(&self) -> Result<Position, Error> {
        Ok(self.manifest().first)
    }

    fn archived(&self) -> Result<Vec<Position>, Error> {
        archive::list_before(&self.folder, self.manifest().first)
    }

    fn read_part(&self, first: Position) -> Result<(Part, Vec<u8>), Error> {
        read_seal(&self.folder, first).map(|sealed| (sealed.part, sealed.index))
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<BlobId, Error> {
        let _one = self.putting.lock().unwrap_or_else(PoisonError::into_inner);
        blobs::put(&self.folder, bytes)
    }

    fn get_blob(&self, id: BlobId) -> Result<Option<Vec<u8>>, Error> {
        blobs::get(&self.folder, id)
    }

    fn sweep_blobs(&self, epoch: Epoch, keep: &dyn Fn(BlobId) -> bool) -> Result<u64, Error> {
        let _owned = self.owned_by(epoch)?;
        blobs::sweep(&self.folder, keep)
    }
}
