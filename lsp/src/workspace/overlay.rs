//! A package's files: on disk, and above that what is open.

use carapace_driver::{Files, ReadProblem};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Files in which what is open in the editor hides what is on disk.
#[derive(Clone)]
pub(crate) struct Overlay {
    disk: Arc<dyn Files + Send + Sync>,
    open: BTreeMap<String, Arc<str>>,
}

impl Overlay {
    pub(crate) fn new(disk: Box<dyn Files + Send + Sync>) -> Overlay {
        Overlay { disk: Arc::from(disk), open: BTreeMap::new() }
    }

    /// What stands in the editor, or nothing any more.
    pub(crate) fn set(&mut self, path: &str, text: Option<Arc<str>>) {
        match text {
            Some(text) => self.open.insert(path.to_owned(), text),
            None => self.open.remove(path),
        };
    }
}

impl Files for Overlay {
    fn package(&self) -> &str {
        self.disk.package()
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadProblem> {
        match self.open.get(path) {
            Some(text) => Ok(text.bytes().take(limit.saturating_add(1)).collect()),
            None => self.disk.read(path, limit),
        }
    }

    /// A folder that is gone has no files but those that are still open.
    fn list(&self) -> Result<Vec<String>, ReadProblem> {
        let mut paths = self.disk.list().unwrap_or_default();
        paths.extend(self.open.keys().filter(|p| p.ends_with(".flow")).cloned());
        paths.sort();
        paths.dedup();
        Ok(paths)
    }
}
