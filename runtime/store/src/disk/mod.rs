//! What a journal on disk stands on: few operations, so that every one of them can fail in a test.

mod os;
mod simulated;

pub use os::OsDisk;
pub use simulated::{Plan, SimulatedDisk};

use std::io;
use std::path::Path;

/// A file system as the journal uses it.
pub trait Disk: Send + Sync {
    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// The operating system's.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// Opens a file for reading and writing, making it when `create` is set.
    ///
    /// # Errors
    /// The operating system's; `NotFound` without `create`.
    fn open(&self, path: &Path, create: bool) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file for reading only: nothing on the disk changes, and no right to write is needed.
    ///
    /// # Errors
    /// The operating system's; `NotFound` where there is none.
    fn open_to_read(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.open(path, false)
    }

    /// Gives a file another name, replacing what had it.
    ///
    /// # Errors
    /// The operating system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The operating system's.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// The names in a folder, in order; none for a folder that does not exist.
    ///
    /// # Errors
    /// The operating system's.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;

    /// Makes the names in a folder durable: after a file was made, renamed or removed there.
    ///
    /// # Errors
    /// The operating system's.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Locks a file for as long as the answer is kept. `WouldBlock` when another holds the lock.
    ///
    /// # Errors
    /// The operating system's.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send + Sync>>;
}

/// An open file.
pub trait DiskFile: Send + Sync {
    /// Reads at an offset; 0 at the end.
    ///
    /// # Errors
    /// The operating system's.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes at an offset; may write less than all.
    ///
    /// # Errors
    /// The operating system's.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize>;

    /// Cuts or extends (with zeros).
    ///
    /// # Errors
    /// The operating system's.
    fn set_len(&self, length: u64) -> io::Result<()>;

    /// How long it is.
    ///
    /// # Errors
    /// The operating system's.
    fn length(&self) -> io::Result<u64>;

    /// Makes what was written durable, with the length where it changed.
    ///
    /// # Errors
    /// The operating system's. What is on the disk afterwards is unknown.
    fn sync(&self) -> io::Result<()>;
}

/// Writes all of `bytes`, as often as it takes.
pub(crate) fn write_all(file: &dyn DiskFile, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(offset, bytes) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::WriteZero, "nothing was written")),
            Ok(count) => {
                offset = offset.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
                bytes = bytes.get(count..).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads a whole file.
pub(crate) fn read_all(file: &dyn DiskFile) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut Cursor { file, offset: 0 }, &mut bytes)?;
    Ok(bytes)
}

/// A file as a stream, for line readers.
pub(crate) struct Cursor<'a> {
    pub(crate) file: &'a dyn DiskFile,
    pub(crate) offset: u64,
}

impl io::Read for Cursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(self.offset, buffer)?;
        self.offset = self.offset.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}
