//! Blobs: one file each, named by its hash, whole or not there.

use super::folder::Folder;
use crate::{BlobId, Error};
use std::io;

/// Stores bytes under their hash; durable when it returns.
pub(super) fn put(folder: &Folder, bytes: &[u8]) -> Result<BlobId, Error> {
    let id = BlobId::of(bytes);
    let path = folder.blobs().join(id.to_string());
    // A file under this name was whole when it got it, but its name may not have been synced before a crash.
    match folder.disk.open(&path, false) {
        Ok(_) => folder.sync_names(&folder.blobs())?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => folder.replace(&path, &[bytes])?,
        Err(error) => return Err(Error::io("open", path, error)),
    }
    Ok(id)
}

/// The bytes of a blob, checked against its name.
pub(super) fn get(folder: &Folder, id: BlobId) -> Result<Option<Vec<u8>>, Error> {
    let bytes = folder.read_file(&folder.blobs().join(id.to_string()))?;
    match bytes {
        Some(bytes) if BlobId::of(&bytes) != id => Err(Error::BlobDamaged { id }),
        bytes => Ok(bytes),
    }
}

/// Removes the blobs that `keep` refuses. Files that are no blobs are left alone.
pub(super) fn sweep(folder: &Folder, keep: &dyn Fn(BlobId) -> bool) -> Result<u64, Error> {
    let blobs = folder.blobs();
    let mut removed = 0u64;
    for name in folder.disk.list(&blobs).map_err(|e| Error::io("list", &blobs, e))? {
        let Ok(id) = name.parse::<BlobId>() else { continue };
        if !keep(id) {
            let path = blobs.join(name);
            folder.disk.remove(&path).map_err(|e| Error::io("remove", &path, e))?;
            removed = removed.saturating_add(1);
        }
    }
    Ok(removed)
}
