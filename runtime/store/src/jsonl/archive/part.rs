//! A part's lines.

use super::parts::damaged;
use super::seal::{self, Sealed};
use crate::jsonl::folder::Folder;
use crate::jsonl::segment::{self, Visit};
use crate::{BlobId, Error, Position};
use std::io::{self, BufReader};
use std::path::PathBuf;

/// The compressed lines of a part, their hash checked.
pub(in crate::jsonl) struct Content {
    path: PathBuf,
    first: Position,
    packed: Vec<u8>,
}

/// Reads a part: its seal, and the lines that it means. Its owner may replace both meanwhile.
pub(in crate::jsonl) fn open(folder: &Folder, first: Position) -> Result<(Sealed, Content), Error> {
    loop {
        let sealed = seal::read(folder, first)?;
        match content(folder, &sealed) {
            Err(Error::Corrupt { .. }) if seal::read(folder, first)?.hash != sealed.hash => {}
            content => return Ok((sealed, content?)),
        }
    }
}

/// Reads the file of a part. Nothing of it is taken for data unless its hash is the sealed one.
fn content(folder: &Folder, sealed: &Sealed) -> Result<Content, Error> {
    let first = sealed.part.first;
    let path = sealed.packed_path(folder);
    let packed = folder.read_file(&path)?;
    let packed = packed.ok_or_else(|| damaged(path.clone(), first, "the file is missing"))?;
    let length = u64::try_from(packed.len()).unwrap_or(u64::MAX);
    if length != sealed.packed || BlobId::of(&packed) != sealed.hash {
        return Err(damaged(path, first, "its content does not match its seal"));
    }
    if let Some(damage) = &sealed.damage {
        return Err(damaged(path, first, format!("it was damaged before it was put away: {damage}")));
    }
    Ok(Content { path, first, packed })
}

impl Content {
    /// All of its text.
    pub(super) fn text(&self) -> Result<Vec<u8>, Error> {
        let unreadable = |e: io::Error| damaged(self.path.clone(), self.first, e.to_string());
        zstd::decode_all(self.packed.as_slice()).map_err(unreadable)
    }

    pub(in crate::jsonl) fn path(&self) -> &PathBuf {
        &self.path
    }

    /// Visits its lines.
    pub(in crate::jsonl) fn scan(&self, visit: &mut Visit<'_>) -> Result<(), Error> {
        let unreadable = |e: io::Error| damaged(self.path.clone(), self.first, e.to_string());
        let decoder = zstd::Decoder::with_buffer(self.packed.as_slice()).map_err(unreadable)?;
        let mut reader = BufReader::with_capacity(256 * 1024, decoder);
        segment::scan_text(&mut reader, &self.path, self.first, visit)
    }
}
