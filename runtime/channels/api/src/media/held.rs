//! A file that lies on the disk for as long as somebody holds it.

use super::scratch::Place;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A file on its way, whole and unchanging. Cheap to clone; it is removed with the last clone.
#[derive(Debug, Clone)]
pub struct Held(Arc<Place>);

impl Held {
    pub(super) fn of(place: Place) -> Held {
        Held(Arc::new(place))
    }

    /// Its bytes, counted.
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// Where it lies. Reading through the path is for blocking code; nothing may be written there.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Opens it for reading, from its beginning.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub async fn open(&self) -> io::Result<tokio::fs::File> {
        tokio::fs::File::open(&self.0.path).await
    }

    /// Lets it stay, at this path, for its owner alone; durable on return. It takes no further room where a file system can give
    /// one file two names.
    ///
    /// # Errors
    /// Where something is there already, or the disk refuses.
    pub async fn keep(&self, path: &Path) -> io::Result<()> {
        let (held, path) = (self.clone(), path.to_owned());
        tokio::task::spawn_blocking(move || keep(held.path(), &path)).await.map_err(io::Error::other)?
    }
}

/// Two are the same when they are one file.
impl PartialEq for Held {
    fn eq(&self, other: &Held) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

fn keep(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // Another disk, or a file system without links.
        Err(_) => {
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            io::copy(&mut fs::File::open(from)?, &mut options.open(to)?)?;
        }
    }
    fs::File::open(to)?.sync_all()?;
    match to.parent() {
        // The name is durable only when the folder is.
        Some(folder) if cfg!(unix) => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
