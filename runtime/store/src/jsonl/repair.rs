//! Cutting a journal: everything behind a line goes, and is kept beside it.

use super::folder::Folder;
use super::segment::{self, blank};
use super::store::lock;
use super::{Inspection, Options};
use crate::disk::{read_all, write_all};
use crate::line::Decoded;
use crate::{Error, Position};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The files that hold now what was removed.
    pub kept: Vec<PathBuf>,
    /// How many bytes that is, padding aside.
    pub bytes: u64,
}

/// Cuts off everything behind a line. What is removed is kept in files beside the segments, under their names and
/// `.removed`, and durable there before anything is cut.
///
/// # Errors
/// [`Error::Owned`] when a process has the folder open; [`Error::Corrupt`] when the line is not there, or behind it nothing
/// would be left to begin with.
pub fn cut(options: &Options, found: &Inspection, last: Position) -> Result<Cut, Error> {
    let folder = Folder { disk: options.disk.clone(), root: options.path.clone() };
    let _lock = lock(&folder)?;
    let firsts = segment::list(&folder)?;
    let holds = firsts.partition_point(|first| *first <= last).checked_sub(1);
    let before = || firsts.iter().position(|first| *first == last.next());
    let Some(first) = holds.or_else(before).and_then(|at| firsts.get(at)).copied() else {
        return Err(no_line(&folder, last));
    };
    let offset = end_of(&folder, first, last)?;
    if last < found.checkpoint || offset.is_none() {
        return Err(no_line(&folder, last));
    }
    let offset = offset.unwrap_or_default();
    let mut cut = Cut { kept: Vec::new(), bytes: 0 };
    let later: Vec<Position> = firsts.into_iter().filter(|later| *later > first).collect();
    for later in &later {
        cut.keep(&folder, &segment::path(&folder, *later), 0)?;
    }
    let path = segment::path(&folder, first);
    cut.keep(&folder, &path, offset)?;
    // From the end on, so that what is left is a journal at every moment.
    for later in later.iter().rev() {
        let path = segment::path(&folder, *later);
        folder.disk.remove(&path).map_err(|e| Error::io("remove", &path, e))?;
        folder.sync_names(&folder.journal())?;
    }
    let file = segment::open(&folder, first)?;
    let length = file.length().map_err(|e| Error::io("read", &path, e))?;
    let rest = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
    write_all(&*file, offset, &blank(rest)).map_err(|e| Error::io("write", &path, e))?;
    file.sync().map_err(|e| Error::io("sync", &path, e))?;
    Ok(cut)
}

/// The byte behind a line in its segment, and behind the marks that follow it: behind the header for the line before its
/// first. None where it is not there.
fn end_of(folder: &Folder, first: Position, last: Position) -> Result<Option<u64>, Error> {
    let mut end = None;
    segment::scan(folder, first, &mut |placed| {
        if end.is_none() && last.next() == first {
            end = Some(placed.start);
        }
        match placed.line {
            Ok(Decoded::Line(line)) if line.seq == last => end = Some(placed.end),
            Ok(Decoded::Mark(durable)) if end.is_some() && durable <= last => end = Some(placed.end),
            Ok(Decoded::Blank) => {}
            _ if end.is_some() => return ControlFlow::Break(()),
            _ => {}
        }
        ControlFlow::Continue(())
    })?;
    Ok(end)
}

fn no_line(folder: &Folder, last: Position) -> Error {
    let why = format!("it cannot be cut behind line {last}");
    Error::Corrupt { file: folder.journal(), byte: 0, seq: Some(last), why }
}

impl Cut {
    /// Keeps what stands in a file from a byte on, unless it is padding.
    fn keep(&mut self, folder: &Folder, path: &Path, from: u64) -> Result<(), Error> {
        let bytes = folder.read_file(path)?.unwrap_or_default();
        let rest =
            bytes.get(usize::try_from(from).unwrap_or(usize::MAX)..).unwrap_or_default().trim_ascii_end();
        if rest.is_empty() {
            return Ok(());
        }
        let kept = free_name(folder, path)?;
        folder.replace(&kept, &[rest])?;
        let file = folder.disk.open(&kept, false).map_err(|e| Error::io("open", &kept, e))?;
        let read = read_all(&*file).map_err(|e| Error::io("read", &kept, e))?;
        if read != rest {
            let why = "it reads back as something else".to_owned();
            return Err(Error::Corrupt { file: kept, byte: 0, seq: None, why });
        }
        self.bytes = self.bytes.saturating_add(u64::try_from(rest.len()).unwrap_or(u64::MAX));
        self.kept.push(kept);
        Ok(())
    }
}

/// A name beside the file that nothing has: what was removed before stays, too.
fn free_name(folder: &Folder, path: &Path) -> Result<PathBuf, Error> {
    let names = folder.disk.list(&folder.journal()).map_err(|e| Error::io("list", folder.journal(), e))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut number = 1_u32;
    loop {
        let free = format!("{name}.{number}.removed");
        if !names.contains(&free) {
            return Ok(path.with_file_name(free));
        }
        number = number.saturating_add(1);
    }
}
