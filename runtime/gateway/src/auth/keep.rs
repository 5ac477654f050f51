//! Where access is kept: one folder of the data directory, for one process at a time.

use super::book::Book;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The folder in the data directory.
const FOLDER: &str = "access";
/// The file of tokens.
const TOKENS: &str = "tokens.json";
/// The form that is written.
const VERSION: u32 = 1;
/// Bytes that the file has at most.
const LARGEST: u64 = 4 << 20;

/// Why what is kept of access cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has it.
    #[error("another process has `{}`", path.display())]
    Owned {
        /// The folder.
        path: PathBuf,
    },
    /// The file is none of ours.
    #[error("`{}` cannot be understood: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The system refuses.
    #[error("`{}` cannot be read or written: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The folder, owned. Dropping it lets others have it.
#[derive(Debug)]
pub(super) struct Keep {
    folder: PathBuf,
    /// Held for as long as this is there.
    _lock: File,
}

#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    #[serde(flatten)]
    book: Book,
}

impl Keep {
    /// Takes the folder, and reads what is in it.
    pub(super) fn open(data: &Path) -> Result<(Keep, Book), Error> {
        let folder = data.join(FOLDER);
        make_private(&folder).map_err(|source| Error::Io { path: folder.clone(), source })?;
        let path = folder.join("lock");
        let io = |source| Error::Io { path: path.clone(), source };
        let lock =
            private(OpenOptions::new().create(true).truncate(false).write(true)).open(&path).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(Error::Owned { path: folder }),
            Err(fs::TryLockError::Error(source)) => return Err(io(source)),
        }
        let keep = Keep { folder, _lock: lock };
        let book = keep.read()?;
        Ok((keep, book))
    }

    /// What is written there, without taking it: for those who only look.
    pub(super) fn look(data: &Path) -> Result<Book, Error> {
        read(&data.join(FOLDER).join(TOKENS))
    }

    fn read(&self) -> Result<Book, Error> {
        let path = self.folder.join(TOKENS);
        let book = read(&path)?;
        #[cfg(unix)]
        if let Ok(there) = fs::metadata(&path) {
            use std::os::unix::fs::PermissionsExt as _;
            if there.permissions().mode() & 0o077 != 0 {
                let closed = fs::set_permissions(&path, fs::Permissions::from_mode(0o600));
                closed.map_err(|source| Error::Io { path, source })?;
            }
        }
        Ok(book)
    }

    /// Writes it, so that after a loss of power either this or what was before is there.
    pub(super) fn write(&self, book: &Book) -> Result<(), Error> {
        let (path, new) = (self.folder.join(TOKENS), self.folder.join("tokens.json.new"));
        let written = Written { version: VERSION, book: book.clone() };
        let write = || -> io::Result<()> {
            let mut text = serde_json::to_vec_pretty(&written)?;
            text.push(b'\n');
            match fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = private(OpenOptions::new().create_new(true).write(true)).open(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            sync_folder(&self.folder)
        };
        write().map_err(|source| Error::Io { path: path.clone(), source })
    }
}

fn read(path: &Path) -> Result<Book, Error> {
    let damaged = |why: String| Error::Damaged { path: path.to_owned(), why };
    let io = |source| Error::Io { path: path.to_owned(), source };
    match fs::metadata(path) {
        Ok(there) if there.len() > LARGEST => return Err(damaged("it is too large".to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Book::default()),
        Err(error) => return Err(io(error)),
    }
    let bytes = fs::read(path).map_err(io)?;
    let written: Written = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
    if written.version != VERSION {
        return Err(damaged(format!(
            "it has the form {}, and this program knows {VERSION}",
            written.version
        )));
    }
    Ok(written.book)
}

/// A folder for its owner alone.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file for its owner alone, where it is made.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
