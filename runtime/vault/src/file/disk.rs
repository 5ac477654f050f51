//! Files that are there whole or not at all, and are written by one at a time.

use crate::{Error, LARGEST};
use age::secrecy::zeroize::Zeroizing;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// The largest file that is read, in bytes.
const MOST: u64 = 16 * 1024 * 1024;
/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Which state of a file this is: one that was replaced has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

/// The right to write a file, until it is dropped.
pub(super) struct Writing {
    // The system lets go of the lock with the file.
    _lock: File,
}

/// The state of a file; none where there is no file.
pub(super) fn stamp(path: &Path) -> Result<Option<Stamp>, Error> {
    match std::fs::metadata(path) {
        Ok(about) => {
            Ok(Some(Stamp { length: about.len(), modified: about.modified().ok(), inode: inode(&about) }))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::disk(path, "read", &error)),
    }
}

#[cfg(unix)]
fn inode(about: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// All of a file, which may be a pipe.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let unreadable = |e: std::io::Error| Error::disk(path, "read", &e);
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MOST.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MOST {
        return Err(unreadable(std::io::Error::other("it is larger than 16 MiB")));
    }
    Ok(bytes)
}

/// Takes the right to write a file, or waits a while for it.
pub(super) fn writing(path: &Path) -> Result<Writing, Error> {
    let unwritable = |e: std::io::Error| Error::disk(path, "written", &e);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private_folder(folder).map_err(unwritable)?;
    }
    // A lock on the file itself would be one on what it was before somebody replaced it.
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    owners_alone(&mut options);
    let file = options.open(beside(path, ".lock")).map_err(unwritable)?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Writing { _lock: file }),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(unwritable(error)),
        }
    }
}

/// Replaces a file, or makes it: after a crash it has the old bytes or the new ones. It is its owner's alone.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let new = beside(path, ".new");
    let write = || -> std::io::Result<()> {
        // What a crash left, and whatever else somebody put there.
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        owners_alone(&mut options);
        let mut file = options.open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        sync_folder(path)
    };
    write().map_err(|e| Error::disk(path, "written", &e))
}

/// The text that bytes are, without the one newline at its end.
///
/// # Errors
/// Where they are none, or more than 64 KiB.
pub fn text_of(bytes: Vec<u8>) -> Result<String, Error> {
    let mut text = String::from_utf8(bytes).map_err(|_| Error::Value { why: "it is no text in UTF-8" })?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.len() > LARGEST { Err(Error::Value { why: "it is larger than 64 KiB" }) } else { Ok(text) }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn owners_alone(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn owners_alone(_: &mut OpenOptions) {}

#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(folder.path().join("a.new"), "left by a crash, and longer than what comes").unwrap();
        replace(&path, b"one").unwrap();
        let first = stamp(&path).unwrap().unwrap();
        replace(&path, b"two").unwrap();
        assert_ne!(stamp(&path).unwrap().unwrap(), first);
        assert_eq!(&**read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn there_is_one_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub").join("a");
        let first = writing(&path).unwrap();
        let other = std::thread::spawn({
            let path = path.clone();
            move || writing(&path).map(|_| ())
        });
        drop(first);
        assert_eq!(other.join().unwrap(), Ok(()));
    }
}
