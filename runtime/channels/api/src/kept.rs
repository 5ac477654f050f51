//! A value that an adapter keeps for itself, in a file of the account's folder.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// A value in a file. It is written whole: after a power cut there is the value from before or the one from after.
#[derive(Debug)]
pub struct Kept<T> {
    path: PathBuf,
    value: Mutex<T>,
}

impl<T: Clone + Default + Serialize + DeserializeOwned + Send + 'static> Kept<T> {
    /// Reads it; where there is no file yet it is what it is by default.
    ///
    /// # Errors
    /// Where the file cannot be read, or holds something else: it is left as it is then, for a person to look at.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Kept<T>> {
        let path = path.into();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // One that was not written to its end holds what may have been erased since.
        let _ = fs::remove_file(path.with_extension("next"));
        let value = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                io::Error::new(io::ErrorKind::InvalidData, format!("`{}`: {error}", path.display()))
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => T::default(),
            Err(error) => return Err(error),
        };
        Ok(Kept { path, value: Mutex::new(value) })
    }

    /// Looks at it.
    pub async fn look<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&*self.value.lock().await)
    }

    /// Changes it; durable on return. Where it cannot be written nothing has changed.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub async fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> io::Result<R> {
        let mut value = self.value.lock().await;
        let mut next = value.clone();
        let result = change(&mut next);
        let (path, bytes) = (self.path.clone(), serde_json::to_vec(&next)?);
        tokio::task::spawn_blocking(move || write(&path, &bytes)).await.map_err(io::Error::other)??;
        *value = next;
        Ok(result)
    }
}

/// Puts `bytes` in the place of what is there, all or nothing. Nobody but the owner may read it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = path.with_extension("next");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&next)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&next, path)?;
    match path.parent() {
        // The name is durable only when the folder is.
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_there_after_a_restart_and_a_half_written_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account").join("list.json");
        let kept = Kept::<Vec<u32>>::open(&path).unwrap();
        kept.change(|list| list.push(7)).await.unwrap();
        drop(kept);
        fs::write(path.with_extension("next"), "[7, 8").unwrap();
        let kept = Kept::<Vec<u32>>::open(&path).unwrap();
        assert!(!path.with_extension("next").exists());
        assert_eq!(kept.look(Clone::clone).await, [7]);
        kept.change(|list| list.push(9)).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "[7,9]");
    }

    #[tokio::test]
    async fn what_cannot_be_written_has_not_changed_and_what_is_damaged_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.json");
        let kept = Kept::<Vec<u32>>::open(&path).unwrap();
        fs::create_dir(path.with_extension("next")).unwrap();
        assert!(kept.change(|list| list.push(7)).await.is_err());
        assert_eq!(kept.look(Vec::len).await, 0);
        fs::write(&path, "what").unwrap();
        assert_eq!(Kept::<Vec<u32>>::open(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
