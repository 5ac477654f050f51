//! What the newest line is, beside the lines: a cut at their end is noticed by it.

use crate::auth::{private, sync_folder};
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// The file.
const NAME: &str = "head";

/// The newest line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: String,
}

impl Head {
    /// What is written there; none where nothing is.
    pub(super) fn read(folder: &Path) -> io::Result<Option<Head>> {
        match fs::read(folder.join(NAME)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes it, so that after a loss of power either this or what was before is there.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let new = folder.join("head.new");
        let mut file = private(OpenOptions::new().create(true).truncate(true).write(true)).open(&new)?;
        file.write_all(serde_json::to_string(self)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(new, folder.join(NAME))?;
        sync_folder(folder)
    }
}
