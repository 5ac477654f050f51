//! What a state's tables rest on: the shelf, and whether it still bears.

use carapace_store::{Error, Shelf, Spot};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// The shelf as the tables of a state use it. Clones are the same.
///
/// Tables are looked at where nothing can fail: a value that cannot be read is then as good as none, and the failure is
/// kept. Whoever drives a state asks for it before anything that was decided is written down.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ground(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    shelf: Option<Arc<dyn Shelf>>,
    /// Whether values may be laid down there, or only picked up.
    writes: bool,
    failure: OnceLock<Error>,
}

/// What an entry says that takes another back.
#[derive(Serialize)]
struct Gone {
    gone: (u32, u32),
}

impl Ground {
    /// A shelf to lay values down on.
    pub(crate) fn to_write(shelf: Arc<dyn Shelf>) -> Ground {
        Ground(Arc::new(Inner { shelf: Some(shelf), writes: true, failure: OnceLock::new() }))
    }

    /// A shelf that somebody else lays values down on.
    pub(crate) fn to_read(shelf: Arc<dyn Shelf>) -> Ground {
        Ground(Arc::new(Inner { shelf: Some(shelf), writes: false, failure: OnceLock::new() }))
    }

    /// The shelf, where values may be laid down.
    pub(crate) fn writable(&self) -> Option<&Arc<dyn Shelf>> {
        self.0.shelf.as_ref().filter(|_| self.0.writes && self.0.failure.get().is_none())
    }

    /// What failed first.
    pub(crate) fn failure(&self) -> Option<&Error> {
        self.0.failure.get()
    }

    pub(crate) fn fail(&self, error: Error) {
        // The first failure is the one that says why.
        let _ = self.0.failure.set(error);
    }

    /// What lies there says something that this program does not understand.
    pub(crate) fn not_understood(&self, spot: Spot, error: &serde_json::Error) {
        let why = format!("what rests there cannot be understood: {error}");
        let (file, byte) = (PathBuf::from(format!("shelf/{:010}.jsonl", spot.file)), u64::from(spot.offset));
        self.fail(Error::Corrupt { file, byte, seq: None, why });
    }

    pub(crate) fn put(&self, object: &[u8]) -> Option<Spot> {
        match self.writable()?.put(object) {
            Ok(spot) => Some(spot),
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    pub(crate) fn get(&self, spot: Spot) -> Option<Vec<u8>> {
        match self.0.shelf.as_ref()?.get(spot) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// What lies there is not meant any more.
    pub(crate) fn take_back(&self, spot: Spot) {
        if let Ok(object) = serde_json::to_vec(&Gone { gone: (spot.file, spot.offset) }) {
            self.put(&object);
        }
    }
}
