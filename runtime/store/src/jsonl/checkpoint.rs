//! Checkpoints: a line about the file, then the engine's bytes.

use super::folder::{Folder, Named, known};
use crate::line::{decode_object, encode_object};
use crate::{BlobId, Checkpoint, Error, Position};
use serde::{Deserialize, Serialize};
use std::io;

const FORMAT: &str = "carapace-checkpoint";

/// Since version 2 a checkpoint may refer to what lies on the shelf.
const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    at: Position,
    hash: BlobId,
}

/// Writes a checkpoint and reads it back. It counts when the manifest names it.
pub(super) fn write(folder: &Folder, checkpoint: &Checkpoint) -> Result<Named, Error> {
    let hash = BlobId::of(&checkpoint.state);
    // The hash in the name: a second checkpoint of the same line never replaces the one that counts.
    let short: String = hash.to_string().chars().take(8).collect();
    let named = Named { at: checkpoint.at, file: format!("{:020}-{short}.checkpoint", checkpoint.at.0) };
    let path = folder.checkpoints().join(&named.file);
    let header = Header { format: FORMAT.to_owned(), version: VERSION, at: checkpoint.at, hash };
    let header = encode_object(&header).map_err(|e| Error::io("write", &path, io::Error::other(e)))?;
    folder.replace(&path, &[&header, &checkpoint.state])?;
    let read = read(folder, &named)?;
    if read.state != checkpoint.state {
        return Err(damaged(folder, &named, "it reads back as something else"));
    }
    Ok(named)
}

/// Reads a checkpoint and checks it.
pub(super) fn read(folder: &Folder, named: &Named) -> Result<Checkpoint, Error> {
    let path = folder.checkpoints().join(&named.file);
    let bytes = folder.read_file(&path)?.ok_or_else(|| damaged(folder, named, "the file is missing"))?;
    let end = bytes
        .iter()
        .position(|b| *b == b'\n')
        .ok_or_else(|| damaged(folder, named, "it has no first line"))?;
    let (header, state) = bytes.split_at_checked(end).unwrap_or_default();
    let header: Header = decode_object(header).map_err(|why| damaged(folder, named, &why))?;
    known(&path, &header.format, FORMAT, header.version, VERSION)?;
    let state = state.get(1..).unwrap_or_default();
    if header.at != named.at || BlobId::of(state) != header.hash {
        return Err(damaged(folder, named, "its content does not match its hash"));
    }
    Ok(Checkpoint { at: named.at, state: state.to_vec() })
}

/// Removes every checkpoint but one, durably: what a later one does not hold any more must not come back with the power.
pub(super) fn remove_others(folder: &Folder, named: &Named) -> Result<(), Error> {
    let checkpoints = folder.checkpoints();
    let mut removed = false;
    for name in folder.disk.list(&checkpoints).map_err(|e| Error::io("list", &checkpoints, e))? {
        if name != named.file {
            let path = checkpoints.join(name);
            folder.disk.remove(&path).map_err(|e| Error::io("remove", &path, e))?;
            removed = true;
        }
    }
    if removed { folder.sync_names(&checkpoints) } else { Ok(()) }
}

fn damaged(folder: &Folder, named: &Named, why: &str) -> Error {
    let file = folder.checkpoints().join(&named.file);
    Error::Corrupt { file, byte: 0, seq: None, why: why.to_owned() }
}
