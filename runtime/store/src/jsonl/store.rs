//! The journal in a folder.

use super::folder::{Folder, Manifest};
use super::mark::Mark;
use super::recovery::{Recovered, recover};
use super::reserve::Reserve;
use super::segment;
use super::shelf::FileShelf;
use super::writer::{Sizes, Writer};
use super::{blobs, checkpoint};
use crate::disk::{Disk, OsDisk};
use crate::line::Decoded;
use crate::store::{Checkpoint, Epoch, Line, OnDurable, Position, Store, Transaction};
use crate::{BlobId, Error, Shelf};
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
        let sizes = Sizes { segment: options.segment_bytes, padding: options.padding_bytes };
        let reserve = Arc::new(Reserve::new(folder.clone(), options.reserve_bytes));
        reserve.fill()?;
        let writer = Writer::start(folder.clone(), &end, sizes, Arc::clone(&reserve))?;
        let largest = u32::try_from(options.segment_bytes).unwrap_or(u32::MAX);
        let shelf = Arc::new(FileShelf::new(folder.clone(), largest));
        Ok(JsonlStore {
            writer,
            mark: Mark::new(folder.clone()),
            folder,
            shelf,
            reserve,
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
        let oldest = self.manifest().first;
        read_lines(&self.folder, oldest, end, after, visit)
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
        let mut manifest = self.owned_by(epoch)?;
        let at = manifest.at_checkpoint();
        if upto > at {
            return Err(Error::Conflict { expected: upto, actual: at });
        }
        let firsts = segment::list(&self.folder)?;
        // The last segment that begins at or before the first line to keep.
        let keep = firsts.iter().copied().filter(|first| first.0 <= upto.0.saturating_add(1)).max();
        let Some(keep) = keep.filter(|keep| *keep > manifest.first) else { return self.reserve.fill() };
        let mut next = manifest.clone();
        next.first = keep;
        // From here on the segments before it do not count, whether or not their removal survives a crash.
        self.folder.write_manifest(&next)?;
        *manifest = next;
        for first in firsts.into_iter().filter(|first| *first < keep) {
            let path = segment::path(&self.folder, first);
            self.folder.disk.remove(&path).map_err(|e| Error::io("remove", &path, e))?;
        }
        self.reserve.fill()
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

/// Visits the lines behind `after` up to `end`, in a folder whose oldest line that counts is `oldest`.
pub(super) fn read_lines(
    folder: &Folder,
    oldest: Position,
    end: Position,
    after: Position,
    visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
) -> Result<(), Error> {
    let firsts = segment::list(folder)?;
    let mut seq = Position(oldest.0.saturating_sub(1));
    if after < seq {
        return Err(Error::Truncated { gone: seq });
    }
    for (n, first) in firsts.iter().enumerate() {
        let next = firsts.get(n.saturating_add(1));
        if *first < oldest || next.is_some_and(|next| next.0 <= after.0.saturating_add(1)) {
            seq = next.map_or(seq, |next| Position(next.0.saturating_sub(1)));
            continue;
        }
        if *first != seq.next() {
            let why = format!("the lines before it are missing, line {} is expected", seq.next());
            let file = segment::path(folder, *first);
            return Err(Error::Corrupt { file, byte: 0, seq: Some(seq.next()), why });
        }
        // What stands behind the last line of a segment that has a successor is padding, or half of a mark.
        let last = next.map_or(end, |next| Position(next.0.saturating_sub(1)).min(end));
        let visited = read_segment(folder, *first, &mut seq, last, after, visit)?;
        if visited.is_break() || seq >= end {
            return Ok(());
        }
    }
    if seq < end {
        let why = "the line is missing".to_owned();
        return Err(Error::Corrupt { file: folder.journal(), byte: 0, seq: Some(seq.next()), why });
    }
    Ok(())
}

/// Visits the lines of one segment up to `last`, and says whether the visitor has had enough.
fn read_segment(
    folder: &Folder,
    first: Position,
    seq: &mut Position,
    last: Position,
    after: Position,
    visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Error> {
    let mut flow = ControlFlow::Continue(());
    if *seq >= last {
        return Ok(flow);
    }
    let mut damage = None;
    segment::scan(folder, first, &mut |placed| {
        let why = match placed.line {
            Ok(Decoded::Blank | Decoded::Mark(_)) => return ControlFlow::Continue(()),
            Ok(Decoded::Line(line)) if line.seq == seq.next() => {
                *seq = line.seq;
                if line.seq > after {
                    flow = visit(line);
                }
                return if *seq >= last { ControlFlow::Break(()) } else { flow };
            }
            Ok(Decoded::Line(line)) => format!("line {} stands where {} is expected", line.seq, seq.next()),
            Err(why) => why,
        };
        damage = Some((placed.start, why));
        ControlFlow::Break(())
    })?;
    match damage {
        None => Ok(flow),
        Some((byte, why)) => {
            let file = segment::path(folder, first);
            Err(Error::Corrupt { file, byte, seq: Some(seq.next()), why })
        }
    }
}
