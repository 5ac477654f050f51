//! The data directory.

use crate::problem::Problem;
use carapace_engine::service;
use carapace_store::Error;
use std::io;
use std::path::Path;

/// Makes a data directory, or a folder in it with those above it, for its owner alone: what people wrote lies there. One
/// that is there keeps the rights that somebody gave it.
///
/// # Errors
/// Where it cannot be made.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// What keeps the journal in a folder from being read or written, with the way out.
pub(crate) fn unusable(data: &Path, error: &Error) -> Problem {
    let data = data.display();
    let problem = |code| Problem::new(code, error.to_string());
    match error {
        Error::Corrupt { .. } | Error::BlobDamaged { .. } => problem("E0953").help(format!(
            "`carapace journal verify --data {data}` says what is damaged, and `carapace journal repair` what can be done"
        )),
        Error::Newer { .. } => problem("E0957").help("start the version that wrote it: nothing was changed"),
        Error::Owned { .. } => {
            problem("E0931").help("that runtime has to be stopped first, or `--data DIR` names another folder")
        }
        Error::Io { source, .. } => problem("E0931").help(match source.kind() {
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                "the folder and what lies in it must be writable for the user who runs this; nothing was changed"
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "make room on the disk; what was acknowledged is still there"
            }
            _ => "`--data DIR` names another folder",
        }),
        _ => problem("E0931"),
    }
}

/// What keeps an engine from going on where a journal ends, with the way out.
pub(crate) fn unopened(data: &Path, error: &service::Error) -> Problem {
    match error {
        service::Error::Store(error) => unusable(data, error),
        service::Error::Line { .. } | service::Error::Checkpoint(_) => {
            Problem::new("E0957", error.to_string())
                .help("a newer version may have written it: start that one; nothing was changed")
        }
        service::Error::Unwritable(_) | service::Error::NoEntropy(_) => {
            Problem::new("E0931", error.to_string())
        }
    }
}

/// Writes a new file for its owner alone; one that is there is not touched.
///
/// # Errors
/// Where it is there, or cannot be written.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()
}
