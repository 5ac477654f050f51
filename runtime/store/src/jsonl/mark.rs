//! What is being done at this moment, in a file of its own.

use super::folder::Folder;
use crate::Error;
use crate::disk::{DiskFile, write_all};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The file's length. It is overwritten in place, so that no mark changes a length or a name.
const LENGTH: usize = 64;

/// The file, opened by the first mark.
pub(super) struct Mark {
    folder: Folder,
    file: Mutex<Option<Box<dyn DiskFile>>>,
}

impl Mark {
    pub(super) fn new(folder: Folder) -> Mark {
        Mark { folder, file: Mutex::new(None) }
    }

    fn path(&self) -> PathBuf {
        self.folder.root.join("doing")
    }

    pub(super) fn write(&self, what: &str) -> Result<(), Error> {
        let mut open = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut line = [b' '; LENGTH];
        let (text, end) = line.split_at_mut(LENGTH - 1);
        text.iter_mut().zip(what.bytes()).for_each(|(place, byte)| *place = byte);
        end.fill(b'\n');
        let failed = |e| Error::io("write", self.path(), e);
        let file = match &mut *open {
            Some(file) => file,
            None => open.insert(self.folder.disk.open(&self.path(), true).map_err(failed)?),
        };
        write_all(&**file, 0, &line).map_err(failed)
    }

    pub(super) fn read(&self) -> Result<String, Error> {
        let path = self.path();
        let mut line = [0; LENGTH];
        let read = self.folder.disk.open_to_read(&path).and_then(|file| file.read_at(0, &mut line));
        match read {
            // What is no text was not written by a mark.
            Ok(length) => {
                let text = line.get(..length).and_then(|line| str::from_utf8(line).ok());
                Ok(text.unwrap_or_default().trim_end().to_owned())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(Error::io("read", path, error)),
        }
    }
}
