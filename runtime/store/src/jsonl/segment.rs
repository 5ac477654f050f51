//! Segments: files of lines, the first of which names the format.

use super::folder::{Folder, VERSION, known};
use crate::disk::{Cursor, DiskFile};
use crate::line::{Decoded, decode, decode_object, encode_object};
use crate::{Error, Position};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const FORMAT: &str = "carapace-journal";

/// Padding comes in lines of this many bytes, the line break included: a file of it opens in any editor.
const PADDING_LINE: usize = 128;

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    first: Position,
}

/// The name of the segment that begins with a line.
pub(super) fn path(folder: &Folder, first: Position) -> PathBuf {
    folder.journal().join(format!("{:020}.jsonl", first.0))
}

/// The first lines of all segments, in order.
pub(super) fn list(folder: &Folder) -> Result<Vec<Position>, Error> {
    let journal = folder.journal();
    let names = folder.disk.list(&journal).map_err(|e| Error::io("list", &journal, e))?;
    let mut firsts: Vec<Position> =
        names.iter().filter_map(|n| n.strip_suffix(".jsonl")?.parse().ok().map(Position)).collect();
    firsts.sort();
    Ok(firsts)
}

/// Makes a segment with its header and `padding` bytes to write over, and answers the header's length. It has its
/// name only when it is whole.
pub(super) fn create(folder: &Folder, first: Position, padding: usize) -> Result<u64, Error> {
    let path = path(folder, first);
    let header = Header { format: FORMAT.to_owned(), version: VERSION, first };
    let header = encode_object(&header).map_err(|e| Error::io("write", &path, io::Error::other(e)))?;
    folder.replace(&path, &[&header, &blank(padding)])?;
    Ok(u64::try_from(header.len()).unwrap_or(u64::MAX))
}

/// Opens a segment for writing.
pub(super) fn open(folder: &Folder, first: Position) -> Result<Box<dyn DiskFile>, Error> {
    let path = path(folder, first);
    folder.disk.open(&path, false).map_err(|e| Error::io("open", path, e))
}

/// Blank lines of this length together.
pub(super) fn blank(length: usize) -> Vec<u8> {
    let mut bytes = vec![b' '; length];
    for line in bytes.chunks_mut(PADDING_LINE) {
        if let Some(last) = line.last_mut() {
            *last = b'\n';
        }
    }
    bytes
}

/// A line as it lies in its segment.
pub(super) struct Placed<'a> {
    /// Its first byte.
    pub(super) start: u64,
    /// The byte after its line break.
    pub(super) end: u64,
    /// What it says, or what is wrong with it.
    pub(super) line: Result<Decoded<'a>, String>,
}

/// Sees what lies in a file, line by line, until it has had enough.
pub(super) type Visit<'a> = dyn FnMut(Placed<'_>) -> ControlFlow<()> + 'a;

/// Visits all lines of a segment behind its header, blank ones too.
pub(super) fn scan(folder: &Folder, first: Position, visit: &mut Visit<'_>) -> Result<(), Error> {
    let path = path(folder, first);
    let file = folder.disk.open_to_read(&path).map_err(|e| Error::io("open", &path, e))?;
    let mut reader = BufReader::with_capacity(256 * 1024, Cursor { file: &*file, offset: 0 });
    scan_text(&mut reader, &path, first, visit)
}

/// Visits all lines of a segment's text behind its header, wherever it lies.
pub(super) fn scan_text(
    reader: &mut dyn BufRead,
    path: &Path,
    first: Position,
    visit: &mut Visit<'_>,
) -> Result<(), Error> {
    let mut buffer = Vec::new();
    let mut offset = 0u64;
    loop {
        buffer.clear();
        let count = reader.read_until(b'\n', &mut buffer).map_err(|e| Error::io("read", path, e))?;
        let start = offset;
        offset = offset.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        let complete = buffer.strip_suffix(b"\n");
        if start == 0 {
            let header: Header = decode_object(complete.unwrap_or_default())
                .map_err(|why| Error::Corrupt { file: path.to_owned(), byte: 0, seq: None, why })?;
            known(path, &header.format, FORMAT, header.version, VERSION)?;
            if header.first != first {
                let why = format!("its first line says that it begins at {}", header.first);
                return Err(Error::Corrupt { file: path.to_owned(), byte: 0, seq: None, why });
            }
            continue;
        }
        if count == 0 {
            return Ok(());
        }
        let line = match complete {
            Some(line) => decode(line),
            None => Err("the line is not complete".to_owned()),
        };
        if visit(Placed { start, end: offset, line }).is_break() {
            return Ok(());
        }
    }
}
