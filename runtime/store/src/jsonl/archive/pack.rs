//! Putting a segment away.

use super::parts::{damaged, packed_path};
use super::seal::{self, Sealed};
use crate::archive::{Indexer, Part};
use crate::disk::{Cursor, DiskFile, write_all};
use crate::jsonl::folder::Folder;
use crate::jsonl::reserve::Reserve;
use crate::jsonl::segment;
use crate::line::Decoded;
use crate::{BlobId, Error, Position};
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

/// How hard Zstandard tries. More made journals no smaller when it was measured: what repeats in them repeats soon.
pub(super) const LEVEL: i32 = 1;

/// What is written at once.
const CHUNK: usize = 256 * 1024;

/// Puts the segment that holds the lines from `first` to `last` into the archive: compressed, synced, named, read back and
/// sealed. The segment itself stays as it is. One that is damaged is put away as it is, and its seal says so: what is left
/// of it may be of use to a person.
pub(in crate::jsonl) fn pack(
    folder: &Folder,
    reserve: &Reserve,
    first: Position,
    last: Position,
    indexer: &mut dyn Indexer,
) -> Result<(), Error> {
    let looked = Looked::through(folder, first, last, indexer)?;
    let path = packed_path(folder, first);
    let temporary = path.with_extension("tmp");
    let from = segment::path(folder, first);
    let packed = tidily(folder, &temporary, || {
        let source = folder.disk.open_to_read(&from).map_err(|e| Error::io("open", &from, e))?;
        let text = Cursor { file: &*source, offset: 0 }.take(looked.end.unwrap_or(u64::MAX));
        let packed = compress(folder, reserve, (&from, &mut { text }), &temporary)?;
        packed.give_name(folder, &temporary, &path, first)?;
        Ok(packed)
    })?;
    let part = Part { first, last, from: looked.from, until: looked.until, bytes: packed.bytes };
    let index = indexer.finish();
    let (hash, damage) = (packed.hash, looked.damage);
    let seal = Sealed { part, packed: packed.packed, hash, damage, rewritten: false, index };
    seal::write(folder, reserve, &seal)
}

/// Makes a file under a temporary name; one that fails leaves none.
pub(super) fn tidily<T>(
    folder: &Folder,
    temporary: &Path,
    make: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let made = make();
    if made.is_err() {
        // What is left over is removed when the folder is opened next, if not now.
        let _ = folder.disk.remove(temporary);
    }
    made
}

/// A segment, looked through.
struct Looked {
    from: i64,
    until: i64,
    /// The byte behind its last line; none for a damaged one, of which everything is kept.
    end: Option<u64>,
    damage: Option<String>,
}

impl Looked {
    fn through(
        folder: &Folder,
        first: Position,
        last: Position,
        indexer: &mut dyn Indexer,
    ) -> Result<Looked, Error> {
        let mut looked = Looked { from: i64::MAX, until: i64::MIN, end: None, damage: None };
        let mut expected = first;
        let scanned = segment::scan(folder, first, &mut |placed| {
            match placed.line {
                Ok(Decoded::Blank | Decoded::Mark(_)) => return ControlFlow::Continue(()),
                Ok(Decoded::Line(line)) if line.seq == expected => {
                    looked.from = looked.from.min(line.at);
                    looked.until = looked.until.max(line.at);
                    indexer.line(&line);
                    expected = expected.next();
                    if line.seq < last {
                        return ControlFlow::Continue(());
                    }
                    looked.end = Some(placed.end);
                }
                Ok(Decoded::Line(line)) => {
                    looked.damage = Some(format!("line {} stands where {expected} is expected", line.seq));
                }
                Err(why) => looked.damage = Some(format!("line {expected}: {why}")),
            }
            ControlFlow::Break(())
        });
        match scanned {
            Err(Error::Corrupt { why, .. }) => looked.damage = Some(why),
            scanned => scanned?,
        }
        if looked.end.is_none() && looked.damage.is_none() {
            looked.damage = Some(format!("line {expected} is missing"));
        }
        if looked.from > looked.until {
            // Nothing of it can be read: it may be of any time.
            (looked.from, looked.until) = (i64::MIN, i64::MAX);
        }
        Ok(looked)
    }
}

/// A compressed file.
pub(super) struct Packed {
    pub(super) hash: BlobId,
    pub(super) packed: u64,
    /// The hash of what is in it, and how much.
    content: BlobId,
    pub(super) bytes: u64,
}

/// Compresses a text, of which it is said where it comes from.
pub(super) fn compress(
    folder: &Folder,
    reserve: &Reserve,
    (from, text): (&Path, &mut dyn Read),
    to: &Path,
) -> Result<Packed, Error> {
    let file = folder.disk.open(to, true).map_err(|e| Error::io("create", to, e))?;
    file.set_len(0).map_err(|e| Error::io("write", to, e))?;
    let unwritable = |e| Error::io("write", to, e);
    let sink = Sink { file: &*file, reserve, offset: 0, hasher: blake3::Hasher::new(), pending: Vec::new() };
    let mut encoder = zstd::Encoder::new(sink, LEVEL).map_err(unwritable)?;
    encoder.include_checksum(true).map_err(unwritable)?;
    let mut hasher = blake3::Hasher::new();
    let mut bytes = 0_u64;
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = text.read(&mut buffer).map_err(|e| Error::io("read", from, e))?;
        let chunk = buffer.get(..count).unwrap_or_default();
        if chunk.is_empty() {
            break;
        }
        hasher.update(chunk);
        bytes = bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        encoder.write_all(chunk).map_err(unwritable)?;
    }
    let mut sink = encoder.finish().map_err(unwritable)?;
    sink.flush().map_err(unwritable)?;
    let (hash, packed) = (BlobId::from(sink.hasher.finalize()), sink.offset);
    file.sync().map_err(|e| Error::io("sync", to, e))?;
    Ok(Packed { hash, packed, content: BlobId::from(hasher.finalize()), bytes })
}

impl Packed {
    /// Gives the file its name, durably, and reads it back.
    pub(super) fn give_name(
        &self,
        folder: &Folder,
        temporary: &Path,
        path: &Path,
        first: Position,
    ) -> Result<(), Error> {
        folder.disk.rename(temporary, path).map_err(|e| Error::io("rename", temporary, e))?;
        folder.sync_names(&folder.archive())?;
        self.read_back(folder, path, first)
    }

    /// Whether what lies there is what was meant.
    fn read_back(&self, folder: &Folder, path: &Path, first: Position) -> Result<(), Error> {
        let wrong = |why: String| damaged(path.to_owned(), first, why);
        let read = folder.read_file(path)?.unwrap_or_default();
        let mut decoder = zstd::Decoder::with_buffer(read.as_slice()).map_err(|e| wrong(e.to_string()))?;
        let mut hasher = blake3::Hasher::new();
        io::copy(&mut decoder, &mut hasher).map_err(|e| wrong(e.to_string()))?;
        if BlobId::of(&read) == self.hash && BlobId::from(hasher.finalize()) == self.content {
            Ok(())
        } else {
            Err(wrong("it reads back as something else".to_owned()))
        }
    }
}

/// A file that is written from the front, hashed meanwhile. Lines that find no room wait for one piece of it at most, and
/// then have what was kept back for them.
struct Sink<'a> {
    file: &'a dyn DiskFile,
    reserve: &'a Reserve,
    offset: u64,
    hasher: blake3::Hasher,
    pending: Vec<u8>,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = self.reserve.piece()?;
        write_all(self.file, self.offset, &self.pending)?;
        drop(piece);
        self.hasher.update(&self.pending);
        self.offset = self.offset.saturating_add(u64::try_from(self.pending.len()).unwrap_or(u64::MAX));
        self.pending.clear();
        Ok(())
    }
}
