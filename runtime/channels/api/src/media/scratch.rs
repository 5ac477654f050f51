//! Files on their way: on the disk, never whole in memory, and gone when nobody holds them any more.

use super::Held;
use crate::FetchError;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

/// A folder for files on their way. Cheap to clone; all clones have the same bounds.
///
/// It is for its owner alone, and names in it cannot be guessed. Whatever a process left behind that lost its power is erased
/// when the folder is opened again, so a folder belongs to one process at a time.
#[derive(Debug, Clone)]
pub struct Scratch(Arc<Folder>);

/// The folder, and how much is in it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Bytes that all files together may have.
    most: u64,
    used: AtomicU64,
}

/// A file's place: what is counted for it is given back, and the file removed, when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    folder: Arc<Folder>,
    pub(super) path: PathBuf,
    pub(super) size: u64,
}

/// A file that is being written. It is gone when this is dropped before it is whole.
#[derive(Debug)]
pub struct Filling {
    file: File,
    place: Place,
    limit: u64,
}

impl Scratch {
    /// Opens or creates the folder, and erases what is in it. All files in it together may have `most` bytes.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn open(folder: impl Into<PathBuf>, most: u64) -> io::Result<Scratch> {
        let scratch = Scratch::unopened(folder, most);
        sweep(&scratch.0.path)?;
        private(&scratch.0.path)?;
        Ok(scratch)
    }

    /// The same folder, which may be that of another process: nothing in it is erased, and it is made with the first file.
    pub fn unopened(folder: impl Into<PathBuf>, most: u64) -> Scratch {
        Scratch(Arc::new(Folder { path: folder.into(), most, used: AtomicU64::new(0) }))
    }

    /// Begins a file of at most `limit` bytes.
    ///
    /// # Errors
    /// [`FetchError::Unavailable`] where the disk refuses.
    pub async fn begin(&self, limit: u64) -> Result<Filling, FetchError> {
        let folder = self.0.clone();
        let made = tokio::task::spawn_blocking(move || create(folder)).await.map_err(io::Error::other);
        let (file, place) = made.flatten().map_err(|error| refused(&error))?;
        Ok(Filling { file: File::from_std(file), place, limit })
    }

    /// A whole file of these bytes.
    ///
    /// # Errors
    /// [`FetchError::Unavailable`] where the disk refuses, or too much is on its way.
    pub async fn hold(&self, bytes: &[u8]) -> Result<Held, FetchError> {
        let mut filling = self.begin(u64::MAX).await?;
        filling.write(bytes).await?;
        filling.finish().await
    }
}

impl Filling {
    /// Bytes that it may have.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Whether a file of so many bytes can come, before any of it does.
    ///
    /// # Errors
    /// [`FetchError::TooLarge`] where it cannot.
    pub fn expect(&self, size: u64) -> Result<(), FetchError> {
        if size > self.limit { Err(FetchError::TooLarge { limit: self.limit }) } else { Ok(()) }
    }

    /// The next bytes.
    ///
    /// # Errors
    /// [`FetchError::TooLarge`] beyond its limit; [`FetchError::Unavailable`] where the disk refuses, or so much is on its way that
    /// there is no room for more.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        let size = self.place.size.saturating_add(bytes.len() as u64);
        self.expect(size)?;
        self.place.grow(size)?;
        self.file.write_all(bytes).await.map_err(|error| refused(&error))
    }

    /// The file, whole. It is not synced: it does not outlive the process.
    ///
    /// # Errors
    /// [`FetchError::Unavailable`] where the disk refuses.
    pub async fn finish(mut self) -> Result<Held, FetchError> {
        self.file.flush().await.map_err(|error| refused(&error))?;
        Ok(Held::of(self.place))
    }
}

impl Place {
    /// Counts further bytes.
    fn grow(&mut self, size: u64) -> Result<(), FetchError> {
        let more = size.saturating_sub(self.size);
        let most = self.folder.most;
        let add = |used: u64| used.checked_add(more).filter(|used| *used <= most);
        match self.folder.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add) {
            Ok(_) => {
                self.size = size;
                Ok(())
            }
            Err(_) => {
                let most = most / (1 << 20);
                let message = format!("files of {most} MiB are on their way already, and that is the most");
                Err(FetchError::Unavailable { message })
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.folder.used.fetch_sub(self.size, Ordering::Relaxed);
        // What cannot be removed now is swept at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// A new file of our own, under a name that nobody knows before.
fn create(folder: Arc<Folder>) -> io::Result<(fs::File, Place)> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let path = folder.path.join(format!("{:032x}", u128::from_ne_bytes(random)));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = match options.open(&path) {
        // Somebody tidied up around us.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            private(&folder.path)?;
            options.open(&path)?
        }
        opened => opened?,
    };
    Ok((file, Place { folder, path, size: 0 }))
}

fn private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Erases the folder. A link in its place is erased, not followed.
fn sweep(folder: &Path) -> io::Result<()> {
    let gone = match fs::symlink_metadata(folder) {
        Ok(there) if there.is_dir() => fs::remove_dir_all(folder),
        Ok(_) => fs::remove_file(folder),
        Err(error) => Err(error),
    };
    match gone {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn refused(error: &io::Error) -> FetchError {
    FetchError::Unavailable { message: format!("it cannot be put down: {error}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_file_is_there_as_long_as_somebody_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("temporary");
        let scratch = Scratch::open(&path, 100).unwrap();
        let mut filling = scratch.begin(10).await.unwrap();
        for piece in [&b"meow"[..], b"", b" purr"] {
            filling.write(piece).await.unwrap();
        }
        let held = filling.finish().await.unwrap();
        let other = held.clone();
        drop(held);
        assert_eq!((names(&path).len(), other.size()), (1, 9));
        let mut text = String::new();
        other.open().await.unwrap().read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "meow purr");
        drop(other);
        assert!(names(&path).is_empty());
        let half = scratch.begin(10).await.unwrap();
        drop(half);
        assert!(names(&path).is_empty());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_reads_it_or_guesses_its_name() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("temporary");
        let scratch = Scratch::open(&path, 100).unwrap();
        let _both = (scratch.hold(b"a").await.unwrap(), scratch.hold(b"a").await.unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let names = names(&path);
        assert!(names.len() == 2 && names[0] != names[1] && names.iter().all(|name| name.len() == 32));
        for name in names {
            assert_eq!(fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn what_a_process_left_is_swept_and_a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("temporary"), folder.path().join("other"));
        fs::create_dir_all(path.join("deeper")).unwrap();
        fs::write(path.join("left"), "half a picture").unwrap();
        Scratch::open(&path, 100).unwrap();
        assert!(names(&path).is_empty());
        #[cfg(unix)]
        {
            fs::create_dir(&other).unwrap();
            fs::write(other.join("kept"), "").unwrap();
            fs::remove_dir(&path).unwrap();
            std::os::unix::fs::symlink(&other, &path).unwrap();
            let scratch = Scratch::open(&path, 100).unwrap();
            let _held = scratch.hold(b"a").await.unwrap();
            assert_eq!(names(&other), ["kept"]);
        }
    }

    #[tokio::test]
    async fn each_file_has_a_limit_and_all_of_them_have_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("temporary");
        let scratch = Scratch::open(&path, 10).unwrap();
        let mut filling = scratch.begin(4).await.unwrap();
        assert_eq!(filling.expect(5), Err(FetchError::TooLarge { limit: 4 }));
        filling.write(b"meow").await.unwrap();
        assert_eq!(filling.write(b"!").await, Err(FetchError::TooLarge { limit: 4 }));
        let held = scratch.hold(b"sixsix").await.unwrap();
        assert!(matches!(scratch.hold(b"!").await, Err(FetchError::Unavailable { .. })));
        drop(held);
        scratch.hold(b"sixsix").await.unwrap();
        drop(filling);
        scratch.hold(b"ten bytes!").await.unwrap();
        assert!(names(&path).is_empty());
    }

    #[tokio::test]
    async fn what_is_kept_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("temporary");
        let scratch = Scratch::open(&path, 10).unwrap();
        let held = scratch.hold(b"meow").await.unwrap();
        let kept = folder.path().join("kept");
        held.keep(&kept).await.unwrap();
        assert!(held.keep(&kept).await.is_err(), "nothing is written over");
        drop(held);
        assert_eq!(fs::read(&kept).unwrap(), b"meow");
        assert!(names(&path).is_empty());
    }
}
