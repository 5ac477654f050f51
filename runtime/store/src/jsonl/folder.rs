//! Where what lies, and the manifest.

use crate::disk::{Disk, read_all, write_all};
use crate::line::{decode_object, encode_object};
use crate::{Epoch, Error, Position};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The version of the form of manifest and segments that this program writes. It reads all from 1 on and refuses later ones.
pub(super) const VERSION: u32 = 1;

/// The folder of a journal on its disk.
#[derive(Clone)]
pub(super) struct Folder {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) root: PathBuf,
}

/// What the latest truth is. Replaced whole, so that there is always one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: String,
    version: u32,
    /// The latest ownership.
    pub(super) epoch: Epoch,
    /// The first line that counts: segments before it are left over from a truncation.
    pub(super) first: Position,
    /// The latest checkpoint.
    pub(super) checkpoint: Option<Named>,
}

/// A checkpoint by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) at: Position,
    pub(super) file: String,
}

const MANIFEST: &str = "carapace-manifest";

impl Folder {
    pub(super) fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }

    pub(super) fn checkpoints(&self) -> PathBuf {
        self.root.join("checkpoints")
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    pub(super) fn shelf(&self) -> PathBuf {
        self.root.join("shelf")
    }

    pub(super) fn archive(&self) -> PathBuf {
        self.root.join("archive")
    }

    pub(super) fn lock_file(&self) -> PathBuf {
        self.root.join("lock")
    }

    fn manifest(&self) -> PathBuf {
        self.root.join("manifest.json")
    }

    /// Makes the folders, durably.
    pub(super) fn create(&self) -> Result<(), Error> {
        for path in [self.journal(), self.archive(), self.checkpoints(), self.shelf(), self.blobs()] {
            self.disk.create_dir(&path).map_err(|e| Error::io("create", &path, e))?;
        }
        self.sync_names(&self.root)?;
        if let Some(parent) = self.root.parent().filter(|p| !p.as_os_str().is_empty()) {
            self.sync_names(parent)?;
        }
        Ok(())
    }

    /// Makes the names in a folder durable.
    pub(super) fn sync_names(&self, path: &Path) -> Result<(), Error> {
        self.disk.sync_dir(path).map_err(|e| Error::io("sync", path, e))
    }

    /// The manifest; a new one for a folder that has none.
    pub(super) fn read_manifest(&self) -> Result<Manifest, Error> {
        let path = self.manifest();
        let Some(bytes) = self.read_file(&path)? else { return Ok(Manifest::new()) };
        let manifest: Manifest = decode_object(bytes.trim_ascii_end()).map_err(|why| Error::Corrupt {
            file: path.clone(),
            byte: 0,
            seq: None,
            why,
        })?;
        known(&path, &manifest.format, MANIFEST, manifest.version, VERSION)?;
        Ok(manifest)
    }

    /// Replaces the manifest; durable when it returns.
    pub(super) fn write_manifest(&self, manifest: &Manifest) -> Result<(), Error> {
        let path = self.manifest();
        let bytes = encode_object(manifest).map_err(|e| Error::io("write", &path, io::Error::other(e)))?;
        self.replace(&path, &[&bytes])
    }

    /// The bytes of a file, if it exists.
    pub(super) fn read_file(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        let file = match self.disk.open_to_read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|e| Error::io("open", path, e))?,
        };
        read_all(&*file).map(Some).map_err(|e| Error::io("read", path, e))
    }

    /// Writes a file under another name, syncs it, gives it its name and syncs that: there is the old file or the
    /// new one, never half of one.
    pub(super) fn replace(&self, path: &Path, parts: &[&[u8]]) -> Result<(), Error> {
        let temporary = path.with_extension("tmp");
        let result = self.write_new(&temporary, parts).and_then(|()| {
            self.disk.rename(&temporary, path).map_err(|e| Error::io("rename", &temporary, e))
        });
        if result.is_err() {
            // What is left over is removed when the folder is opened next, if not now.
            let _ = self.disk.remove(&temporary);
        }
        result?;
        self.sync_names(path.parent().unwrap_or(&self.root))
    }

    fn write_new(&self, path: &Path, parts: &[&[u8]]) -> Result<(), Error> {
        let file = self.disk.open(path, true).map_err(|e| Error::io("create", path, e))?;
        file.set_len(0).map_err(|e| Error::io("write", path, e))?;
        let mut offset = 0u64;
        for part in parts {
            write_all(&*file, offset, part).map_err(|e| Error::io("write", path, e))?;
            offset = offset.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        }
        file.sync().map_err(|e| Error::io("sync", path, e))
    }

    /// Removes what an interrupted [`Folder::replace`] left.
    pub(super) fn remove_left_over(&self) -> Result<(), Error> {
        let folders = [self.journal(), self.archive(), self.checkpoints(), self.shelf(), self.blobs()];
        for folder in folders.into_iter().chain([self.root.clone()]) {
            for name in self.disk.list(&folder).map_err(|e| Error::io("list", &folder, e))? {
                if Path::new(&name).extension().is_some_and(|e| e == "tmp") {
                    let path = folder.join(name);
                    self.disk.remove(&path).map_err(|e| Error::io("remove", &path, e))?;
                }
            }
        }
        Ok(())
    }
}

impl Manifest {
    fn new() -> Manifest {
        Manifest {
            format: MANIFEST.to_owned(),
            version: VERSION,
            epoch: Epoch(0),
            first: Position(1),
            checkpoint: None,
        }
    }

    /// One that knows of nothing but a first line.
    pub(super) fn beginning(first: Position) -> Manifest {
        Manifest { first, ..Manifest::new() }
    }

    /// The last line that the latest checkpoint holds.
    pub(super) fn at_checkpoint(&self) -> Position {
        self.checkpoint.as_ref().map(|c| c.at).unwrap_or_default()
    }
}

/// Refuses a file of another format, or of a version this program does not know yet.
pub(super) fn known(
    path: &Path,
    format: &str,
    expected: &str,
    version: u32,
    newest: u32,
) -> Result<(), Error> {
    if format != expected {
        let why = format!("its format is `{format}`, not `{expected}`");
        return Err(Error::Corrupt { file: path.to_owned(), byte: 0, seq: None, why });
    }
    if version > newest {
        return Err(Error::Newer { file: path.to_owned(), found: version, known: newest });
    }
    Ok(())
}
