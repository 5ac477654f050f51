//! Which parts there are, and how they go.

use super::seal::read as read_seal;
use crate::jsonl::folder::Folder;
use crate::{Error, Position};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

const PACKED: &str = ".jsonl.zst";
const SEAL: &str = ".index.zst";

/// The archive of a folder that is owned.
pub(in crate::jsonl) struct Archive {
    folder: Folder,
    /// Held while parts are removed.
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
    for first in numbered(folder, PACKED)? {
        // One without a seal in the middle has lost it: that is damage, and told.
        let unsealed = !sealed.contains(&first);
        if unsealed && (first >= live || sealed.first().is_none_or(|oldest| first < *oldest)) {
            delete(folder, packed_path(folder, first))?;
        }
    }
    Ok(())
}

/// Where the lines of the part that begins with a line lie.
pub(super) fn packed_path(folder: &Folder, first: Position) -> PathBuf {
    folder.archive().join(format!("{:020}{PACKED}", first.0))
}

pub(super) fn seal_path(folder: &Folder, first: Position) -> PathBuf {
    folder.archive().join(format!("{:020}{SEAL}", first.0))
}

fn list(folder: &Folder) -> Result<Vec<Position>, Error> {
    numbered(folder, SEAL)
}

fn numbered(folder: &Folder, ending: &str) -> Result<Vec<Position>, Error> {
    let archive = folder.archive();
    let names = folder.disk.list(&archive).map_err(|e| Error::io("list", &archive, e))?;
    let mut firsts: Vec<Position> =
        names.iter().filter_map(|name| name.strip_suffix(ending)?.parse().ok().map(Position)).collect();
    firsts.sort();
    Ok(firsts)
}

/// The seal goes first, and durably: what is left after a crash in between has none.
fn remove(folder: &Folder, first: Position) -> Result<(), Error> {
    delete(folder, seal_path(folder, first))?;
    delete(folder, packed_path(folder, first))
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
