//! The socket's file: whose it is, and how it is named.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use tokio::net::UnixListener;

/// The longest name that every system takes for a socket (`sun_path`), in bytes.
const LONGEST: usize = 100;

/// Why the socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something else has its name.
    #[error("`{}` is there and is no socket", path.display())]
    Taken {
        /// The name.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("the socket `{}` cannot be made: {source}", path.display())]
    Refused {
        /// The name.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A socket's file of ours. Dropping it removes it, unless somebody else has taken its place meanwhile.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) listener: UnixListener,
    /// Who may come in.
    pub(super) owner: u32,
    path: PathBuf,
    /// What the file is, whatever it is called.
    identity: (u64, u64),
}

/// The name under which a socket can be reached, which the system limits to about a hundred bytes; and what has to be
/// kept open for that.
///
/// # Errors
/// Where its folder cannot be opened.
pub fn address(path: &Path) -> io::Result<(PathBuf, Option<File>)> {
    let long = path.as_os_str().len() > LONGEST;
    let (Some(folder), Some(name)) = (path.parent().filter(|_| long), path.file_name()) else {
        return Ok((path.to_owned(), None));
    };
    if !cfg!(target_os = "linux") {
        return Ok((path.to_owned(), None));
    }
    // The folder has a short name, too: that of the handle we have of it.
    let folder = File::open(folder)?;
    let number = std::os::fd::AsRawFd::as_raw_fd(&folder);
    Ok((Path::new("/proc/self/fd").join(number.to_string()).join(name), Some(folder)))
}

impl Socket {
    /// Makes it. One that is there is stale: whoever calls owns the folder.
    pub(super) fn bind(path: &Path) -> Result<Socket, Error> {
        let refused = |source| Error::Refused { path: path.to_owned(), source };
        match fs::symlink_metadata(path) {
            Ok(there) if there.file_type().is_socket() => fs::remove_file(path).map_err(refused)?,
            Ok(_) => return Err(Error::Taken { path: path.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(refused(error)),
        }
        let (short, _folder) = address(path).map_err(refused)?;
        let listener = UnixListener::bind(short).map_err(refused)?;
        // Somebody may have come in before this: each is asked who they are.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(refused)?;
        let made = fs::symlink_metadata(path).map_err(refused)?;
        let identity = (made.dev(), made.ino());
        Ok(Socket { listener, owner: made.uid(), path: path.to_owned(), identity })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let ours = fs::symlink_metadata(&self.path).is_ok_and(|m| (m.dev(), m.ino()) == self.identity);
        if ours {
            // What is left over is replaced by the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}
