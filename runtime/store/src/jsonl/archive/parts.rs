//! Which parts there are, and how they go.

use super::rewrite::rewrite;
use super::seal::read as read_seal;
use crate::jsonl::folder::Folder;
use crate::jsonl::reserve::Reserve;
use crate::{BlobId, Change, Error, Indexer, Position, Rewritten};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

const PACKED: &str = ".jsonl.zst";
const SEAL: &str = ".index.zst";

/// The archive of a folder that is owned.
pub(in crate::jsonl) struct Archive {
    folder: Folder,
    /// Held while parts are removed or replaced.
    removing: Mutex<()>,
}

impl Archive {
    pub(in crate::jsonl) fn new(folder: Folder) -> Archive {
        Archive { folder, removing: Mutex::new(()) }
    }

    /// Lets the oldest part go, for a disk that is full; says whether there was one.
    pub(in crate::jsonl) fn give_way(&self) -> bool {
        let _one = self.removing.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = list(&self.folder).ok().and_then(|firsts| firsts.first().copied());
        oldest.is_some_and(|oldest| remove(&self.folder, oldest).is_ok())
    }

    /// Lets the parts go all of whose lines are older than `before`; answers how many.
    pub(in crate::jsonl) fn shorten(&self, before: i64) -> Result<u64, Error> {
        let _one = self.removing.lock().unwrap_or_else(PoisonError::into_inner);
        let firsts = list(&self.folder)?;
        let mut old = 0;
        for (count, first) in (1..).zip(&firsts) {
            match read_seal(&self.folder, *first) {
                Ok(sealed) if sealed.part.until < before => old = count,
                // Of a seal that cannot be read the next one knows: what is before something old is older.
                Err(Error::Corrupt { .. }) => {}
                read => {
                    read?;
                    break;
                }
            }
        }
        for first in firsts.iter().take(old) {
            remove(&self.folder, *first)?;
        }
        Ok(u64::try_from(old).unwrap_or(u64::MAX))
    }

    /// Puts other lines in the place of those of a part, as `change` says. A part that cannot be read cannot be searched
    /// either: it goes.
    pub(in crate::jsonl) fn rewrite(
        &self,
        reserve: &Reserve,
        first: Position,
        change: &mut Change<'_>,
        indexer: &mut dyn Indexer,
    ) -> Result<Rewritten, Error> {
        let _one = self.removing.lock().unwrap_or_else(PoisonError::into_inner);
        match rewrite(&self.folder, reserve, first, change, indexer) {
            Err(error) if error.is_gone() => Ok(Rewritten::default()),
            Err(Error::Corrupt { file, .. }) => {
                remove(&self.folder, first)?;
                Ok(Rewritten { parts: 0, removed: vec![file] })
            }
            rewritten => {
                let parts = u64::from(rewritten?);
                remove_replaced(&self.folder, first)?;
                Ok(Rewritten { parts, removed: Vec::new() })
            }
        }
    }

    /// Lets every part go.
    pub(in crate::jsonl) fn clear(&self) -> Result<(), Error> {
        while let Some(oldest) = list(&self.folder)?.first() {
            let _one = self.removing.lock().unwrap_or_else(PoisonError::into_inner);
            remove(&self.folder, *oldest)?;
        }
        Ok(())
    }
}

/// The first lines of all parts, in order; those of segments that are still live count for nothing.
pub(in crate::jsonl) fn list_before(folder: &Folder, live: Position) -> Result<Vec<Position>, Error> {
    let mut firsts = list(folder)?;
    firsts.retain(|first| *first < live);
    Ok(firsts)
}

/// Removes what an interrupted packing or removal left.
pub(in crate::jsonl) fn remove_left_over(folder: &Folder, live: Position) -> Result<(), Error> {
    let sealed = list(folder)?;
    for first in sealed.iter().filter(|first| **first >= live) {
        remove(folder, *first)?;
    }
    let files = packed_files(folder)?;
    for (first, path) in &files {
        // One without a seal in the middle has lost it: that is damage, and told.
        let unsealed = !sealed.contains(first);
        if unsealed && (*first >= live || sealed.first().is_none_or(|oldest| first < oldest)) {
            delete(folder, path.clone())?;
        }
    }
    for [(first, _), (next, _)] in files.array_windows() {
        if first == next && sealed.contains(first) {
            remove_replaced(folder, *first)?;
        }
    }
    Ok(())
}

/// Removes what lies there of a part beside the lines that its seal means: they were replaced, or were to replace them. Of a
/// seal that cannot be read nobody knows what it means.
pub(super) fn remove_replaced(folder: &Folder, first: Position) -> Result<(), Error> {
    let meant = match read_seal(folder, first) {
        Err(Error::Corrupt { .. }) => return Ok(()),
        sealed => sealed?.packed_path(folder),
    };
    for (of, path) in packed_files(folder)? {
        if of == first && path != meant {
            delete(folder, path)?;
        }
    }
    Ok(())
}

/// Where the lines of the part that begins with a line lie, as they were put away.
pub(super) fn packed_path(folder: &Folder, first: Position) -> PathBuf {
    folder.archive().join(format!("{:020}{PACKED}", first.0))
}

/// Where they lie once something was erased from them. The hash is in the name: replacing the seal is what replaces them, at
/// once.
pub(super) fn rewritten_path(folder: &Folder, first: Position, hash: BlobId) -> PathBuf {
    let short: String = hash.to_string().chars().take(16).collect();
    folder.archive().join(format!("{:020}-{short}{PACKED}", first.0))
}

pub(super) fn seal_path(folder: &Folder, first: Position) -> PathBuf {
    folder.archive().join(format!("{:020}{SEAL}", first.0))
}

pub(super) fn list(folder: &Folder) -> Result<Vec<Position>, Error> {
    let mut firsts: Vec<Position> = names(folder)?
        .iter()
        .filter_map(|name| name.strip_suffix(SEAL)?.parse().ok().map(Position))
        .collect();
    firsts.sort();
    Ok(firsts)
}

/// All files of lines, each with the first of them, in order.
fn packed_files(folder: &Folder) -> Result<Vec<(Position, PathBuf)>, Error> {
    let of = |name: &String| {
        let stem = name.strip_suffix(PACKED)?;
        let first = stem.split_once('-').map_or(stem, |(first, _)| first).parse().ok()?;
        Some((Position(first), folder.archive().join(name)))
    };
    let mut files: Vec<(Position, PathBuf)> = names(folder)?.iter().filter_map(of).collect();
    files.sort();
    Ok(files)
}

fn names(folder: &Folder) -> Result<Vec<String>, Error> {
    let archive = folder.archive();
    folder.disk.list(&archive).map_err(|e| Error::io("list", &archive, e))
}

/// The seal goes first, and durably: what is left after a crash in between has none.
fn remove(folder: &Folder, first: Position) -> Result<(), Error> {
    delete(folder, seal_path(folder, first))?;
    for (of, path) in packed_files(folder)? {
        if of == first {
            delete(folder, path)?;
        }
    }
    Ok(())
}

fn delete(folder: &Folder, path: PathBuf) -> Result<(), Error> {
    match folder.disk.remove(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        removed => removed.map_err(|e| Error::io("remove", path, e))?,
    }
    folder.sync_names(&folder.archive())
}

/// Damage in a part, told by the part's file.
pub(super) fn damaged(path: PathBuf, first: Position, why: impl Into<String>) -> Error {
    Error::Corrupt { file: path, byte: 0, seq: Some(first), why: why.into() }
}
