//! What the driver wants of a file system.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadProblem {
    /// There is none.
    Missing,
    /// It is a folder, a socket, …
    NotAFile,
    /// What the system says.
    Other(String),
}

/// A source root: paths are relative to it, with `/` between names.
pub trait Files {
    /// The package's name, which stands before every name of it that the runtime keeps (`shop/main.score`), so that
    /// packages that run together never mean each other's. Empty where it has none and runs alone.
    fn package(&self) -> &str {
        ""
    }

    /// The bytes of a file; at most `limit` and one more, so that a file that is too large is known as such.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadProblem>;

    /// All `.flow` files below the root, sorted.
    ///
    /// # Errors
    /// Where the root cannot be listed.
    fn list(&self) -> Result<Vec<String>, ReadProblem>;
}

/// Files in memory, for tests and editors.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles {
    files: BTreeMap<String, Arc<[u8]>>,
}

impl MemoryFiles {
    /// The given paths and contents.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> MemoryFiles {
        MemoryFiles {
            files: files.into_iter().map(|(p, t)| (p.to_owned(), Arc::from(t.as_bytes()))).collect(),
        }
    }

    /// The paths of all files, whatever is in them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: &str, bytes: &[u8]) {
        self.files.insert(path.to_owned(), Arc::from(bytes));
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, ReadProblem> {
        let bytes = self.files.get(path).ok_or(ReadProblem::Missing)?;
        Ok(bytes.iter().copied().take(limit.saturating_add(1)).collect())
    }

    fn list(&self) -> Result<Vec<String>, ReadProblem> {
        Ok(self.files.keys().filter(|p| p.ends_with(".flow")).cloned().collect())
    }
}
