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
    let packed = compress(folder, reserve, first, looked.end, &temporary).and_then(|packed| {
        folder.disk.rename(&temporary, &path).map_err(|e| Error::io("rename", &temporary, e))?;
        folder.sync_names(&folder.archive())?;
        packed.read_back(folder, &path, first)?;
        Ok(packed)
    });
    if packed.is_err() {
        // What is left over is removed when the folder is opened next, if not now.
        let _ = folder.disk.remove(&temporary);
    }
    let packed = packed?;
    let part = Part { first, last, from: looked.from, until: looked.until, bytes: packed.bytes };
    let index = indexer.finish();
    let seal = Sealed { part, packed: packed.packed, hash: packed.hash, damage: looked.damage, index };
    seal::write(folder, reserve, &seal)
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
struct Packed {
    hash: BlobId,
    packed: u64,
    /// The hash of what is in it, and how much.
    content: BlobId,
    bytes: u64,
}

fn compress(
    folder: &Folder,
    reserve: &Reserve,
    first: Position,
    end: Option<u64>,
    to: &Path,
) -> Result<Packed, Error> {
    let from = segment::path(folder, first);
    let source = folder.disk.open_to_read(&from).map_err(|e| Error::io("open", &from, e))?;
    let file = folder.disk.open(to, true).map_err(|e| Error::io("create", to, e))?;
    file.set_len(0).map_err(|e| Error::io("write", to, e))?;
    let unwritable = |e| Error::io("write", to, e);
    let sink = Sink { file: &*file, reserve, offset: 0, hasher: blake3::Hasher::new(), pending: Vec::new() };
    let mut encoder = zstd::Encoder::new(sink, LEVEL).map_err(unwritable)?;
    encoder.include_checksum(true).map_err(unwritable)?;
    let mut reader = Cursor { file: &*source, offset: 0 }.take(end.unwrap_or(u64::MAX));
    let mut hasher = blake3::Hasher::new();
    let mut bytes = 0_u64;
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = reader.read(&mut buffer).map_err(|e| Error::io("read", &from, e))?;
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
