//! Space that is kept back, so that what has begun can be finished on a full disk.

use super::folder::Folder;
use super::segment;
use crate::Error;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file of nothing. When the disk is full it is removed, and what it took is written to instead.
pub(super) struct Reserve {
    folder: Folder,
    bytes: usize,
    spent: AtomicBool,
    /// Held while a file is written that may turn out not to fit, and is removed then.
    trying: Mutex<()>,
}

impl Reserve {
    pub(super) fn new(folder: Folder, bytes: usize) -> Reserve {
        Reserve { folder, bytes, spent: AtomicBool::new(false), trying: Mutex::new(()) }
    }

    fn path(&self) -> PathBuf {
        self.folder.root.join("reserve")
    }

    /// To be held while a file is written that may turn out not to fit: lines that find no room meanwhile wait for its
    /// end.
    pub(super) fn trying(&self) -> MutexGuard<'_, ()> {
        self.trying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be held while a piece is written of what can be done without. Refused where it was given up: what is left on the disk
    /// then is for what has begun.
    pub(super) fn piece(&self) -> io::Result<MutexGuard<'_, ()>> {
        let trying = self.trying();
        if self.is_spent() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(trying) }
    }

    /// Lays it aside, where it is not there and there is room for it.
    pub(super) fn fill(&self) -> Result<(), Error> {
        let _trying = self.trying();
        let path = self.path();
        let file = self.folder.disk.open_to_read(&path);
        let length = file.and_then(|file| file.length()).unwrap_or_default();
        let filled = if length >= u64::try_from(self.bytes).unwrap_or(u64::MAX) {
            Ok(())
        } else {
            self.folder.replace(&path, &[&segment::blank(self.bytes)])
        };
        match filled {
            Err(error) if error.is_full() => self.spent.store(true, Ordering::SeqCst),
            filled => {
                filled?;
                self.spent.store(false, Ordering::SeqCst);
            }
        }
        Ok(())
    }

    /// Gives it up, if that error is for want of space; says whether it is worth trying again.
    pub(super) fn spend(&self, error: &Error) -> bool {
        if error.is_full() {
            let _ended = self.trying();
            self.spent.store(true, Ordering::SeqCst);
            // One that was given up before is not there; what was tried meanwhile may have left room all the same.
            let _ = self.folder.disk.remove(&self.path());
        }
        error.is_full()
    }

    /// Whether it was given up, and nothing new should be begun.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.load(Ordering::SeqCst)
    }
}
