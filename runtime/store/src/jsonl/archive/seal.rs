//! A part's seal, and the index behind it.

use super::parts::{damaged, packed_path, rewritten_path, seal_path};
use crate::archive::Part;
use crate::jsonl::folder::{Folder, known};
use crate::jsonl::reserve::Reserve;
use crate::line::{decode_object, encode_object, sealed, unseal};
use crate::{BlobId, Error, Position};
use serde::{Deserialize, Serialize};
use std::io::{self, Read as _};
use std::path::PathBuf;

const FORMAT: &str = "carapace-archive";

/// Since version 2 the lines of a part may lie in a file that is named by its hash.
const VERSION: u32 = 2;

/// An index is no larger, as text: what says otherwise is damaged.
const LARGEST: u64 = 1 << 30;

/// What is known of a part without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::jsonl) struct Sealed {
    pub(in crate::jsonl) part: Part,
    /// How many bytes it has, compressed.
    pub(super) packed: u64,
    /// The hash of the compressed file.
    pub(super) hash: BlobId,
    /// What was wrong with the segment already when it was put away, where something was.
    pub(super) damage: Option<String>,
    /// Whether its lines are not those that were put away: something was erased from them.
    pub(in crate::jsonl) rewritten: bool,
    /// What its reader wants to know.
    pub(in crate::jsonl) index: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    first: Position,
    last: Position,
    from: i64,
    until: i64,
    bytes: u64,
    packed: u64,
    hash: BlobId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    damage: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    rewritten: bool,
}

impl Sealed {
    /// Where its lines lie.
    pub(super) fn packed_path(&self, folder: &Folder) -> PathBuf {
        if self.rewritten {
            rewritten_path(folder, self.part.first, self.hash)
        } else {
            packed_path(folder, self.part.first)
        }
    }
}

/// Writes a seal, from which on the part counts, and reads it back.
pub(super) fn write(folder: &Folder, reserve: &Reserve, seal: &Sealed) -> Result<(), Error> {
    let part = &seal.part;
    let path = seal_path(folder, part.first);
    let header = Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        first: part.first,
        last: part.last,
        from: part.from,
        until: part.until,
        bytes: part.bytes,
        packed: seal.packed,
        hash: seal.hash,
        damage: seal.damage.clone(),
        rewritten: seal.rewritten,
    };
    let mut text = encode_object(&header).map_err(|e| Error::io("write", &path, io::Error::other(e)))?;
    text.extend(sealed(&seal.index));
    let bytes =
        zstd::encode_all(text.as_slice(), super::pack::LEVEL).map_err(|e| Error::io("write", &path, e))?;
    let piece = reserve.piece().map_err(|e| Error::io("write", &path, e))?;
    folder.replace(&path, &[&bytes])?;
    drop(piece);
    if read(folder, part.first)? == *seal {
        Ok(())
    } else {
        Err(damaged(path, part.first, "it reads back as something else"))
    }
}

/// Reads a seal with its index.
pub(in crate::jsonl) fn read(folder: &Folder, first: Position) -> Result<Sealed, Error> {
    let path = seal_path(folder, first);
    let wrong = |why: String| damaged(path.clone(), first, why);
    let bytes = folder.read_file(&path)?;
    let bytes = bytes.ok_or_else(|| Error::io("open", &path, io::ErrorKind::NotFound.into()))?;
    let mut text = Vec::new();
    let decoder = zstd::Decoder::with_buffer(bytes.as_slice()).map_err(|e| wrong(e.to_string()))?;
    decoder.take(LARGEST).read_to_end(&mut text).map_err(|e| wrong(e.to_string()))?;
    let end = text.iter().position(|b| *b == b'\n').unwrap_or(text.len());
    let (header, index) = text.split_at_checked(end).unwrap_or_default();
    let header: Header = decode_object(header).map_err(wrong)?;
    known(&path, &header.format, FORMAT, header.version, VERSION)?;
    if header.first != first || header.last < first {
        return Err(wrong(format!("it says that it is about lines {} to {}", header.first, header.last)));
    }
    let mut index = index.get(1..).unwrap_or_default().to_vec();
    unseal(&mut index).map_err(wrong)?;
    let part = Part { first, last: header.last, from: header.from, until: header.until, bytes: header.bytes };
    let Header { packed, hash, damage, rewritten, .. } = header;
    Ok(Sealed { part, packed, hash, damage, rewritten, index })
}
