//! Opening a folder: where does the journal end, and is it whole up to there?

use super::folder::{Folder, Manifest};
use super::segment::{self, Placed};
use crate::disk::write_all;
use crate::line::Decoded;
use crate::{Error, Position};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// What was found when the folder was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The last line.
    pub position: Position,
    /// What was overwritten behind it, after a crash in the middle of writing. Nothing of it was ever durable.
    pub torn: Option<Torn>,
}

/// The end of a segment that was being written when the machine stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The segment.
    pub file: PathBuf,
    /// Where the last whole line ends.
    pub byte: u64,
    /// What was wrong with what came next.
    pub why: String,
}

/// Where writing goes on.
#[derive(Debug)]
pub(super) struct End {
    /// The first line of the last segment.
    pub(super) first: Position,
    /// When its first line was written; none where it has none.
    pub(super) began: Option<i64>,
    /// The byte after its last line.
    pub(super) offset: u64,
    /// How long the file is: up to there it is padding.
    pub(super) length: u64,
    /// Whether the last line is known by every reader to be durable.
    pub(super) marked: bool,
    pub(super) recovered: Recovered,
}

/// Removes segments that a truncation left over, looks through the last one and mends its torn tail.
pub(super) fn recover(folder: &Folder, manifest: &Manifest, padding: usize) -> Result<End, Error> {
    let mut firsts = segment::list(folder)?;
    let left_over = firsts.partition_point(|first| *first < manifest.first);
    for first in firsts.drain(..left_over) {
        let path = segment::path(folder, first);
        folder.disk.remove(&path).map_err(|e| Error::io("remove", &path, e))?;
    }
    match firsts.first() {
        Some(first) if *first == manifest.first => {}
        None if manifest.first == Position(1) && manifest.at_checkpoint() == Position(0) => {
            segment::create(folder, Position(1), padding)?;
            firsts.push(Position(1));
        }
        _ => {
            let why = format!("the segment that begins with line {} is missing", manifest.first);
            let seq = Some(manifest.first);
            return Err(Error::Corrupt { file: folder.journal(), byte: 0, seq, why });
        }
    }
    let last = firsts.last().copied().unwrap_or(Position(1));
    let tail = Tail::find(folder, last, manifest.at_checkpoint())?;
    tail.mend(folder, last)
}

/// Where a journal ends that somebody else may own: as [`recover`] would find it, and nothing is changed. `None` where
/// no line was ever written.
pub(super) fn find_end(folder: &Folder, manifest: &Manifest) -> Result<Option<Position>, Error> {
    let Some(last) = segment::list(folder)?.last().copied().filter(|last| *last >= manifest.first) else {
        return Ok(None);
    };
    Tail::find(folder, last, manifest.at_checkpoint()).map(|tail| Some(tail.last))
}

/// The last segment, looked through.
#[derive(Default)]
struct Tail {
    last: Position,
    /// The highest line that anything says is durable.
    durable: Position,
    /// When the first line was written.
    began: Option<i64>,
    end: u64,
    bad: Option<(u64, String)>,
}

impl Tail {
    fn find(folder: &Folder, first: Position, floor: Position) -> Result<Tail, Error> {
        let before = Position(first.0.saturating_sub(1));
        // A segment is begun only after the one before it was synced.
        let mut tail = Tail { last: before, durable: before.max(floor), ..Tail::default() };
        segment::scan(folder, first, &mut |placed| {
            if tail.end == 0 {
                tail.end = placed.start;
            }
            tail.take(placed);
            ControlFlow::Continue(())
        })?;
        if tail.last < tail.durable {
            // Where the first bad line stands; a line that is simply gone leaves no trace but the end.
            let (byte, why) = tail.bad.unwrap_or((tail.end, "the line is missing".to_owned()));
            let seq = Some(tail.last.next());
            return Err(Error::Corrupt { file: segment::path(folder, first), byte, seq, why });
        }
        Ok(tail)
    }

    fn take(&mut self, placed: Placed<'_>) {
        match placed.line {
            Ok(Decoded::Blank) => {}
            Ok(Decoded::Mark(durable)) => {
                self.durable = self.durable.max(durable);
                if self.bad.is_none() {
                    self.end = placed.end;
                }
            }
            Ok(Decoded::Line(line)) => {
                self.durable = self.durable.max(line.durable);
                if self.bad.is_some() {
                } else if line.seq == self.last.next() {
                    self.last = line.seq;
                    self.end = placed.end;
                    self.began.get_or_insert(line.at);
                } else {
                    let why = format!("line {} stands where {} is expected", line.seq, self.last.next());
                    self.bad = Some((placed.start, why));
                }
            }
            Err(why) => {
                self.bad.get_or_insert((placed.start, why));
            }
        }
    }

    /// Overwrites everything behind the last whole line with padding and syncs it, so that no later reader takes
    /// a stray line for one of ours.
    fn mend(self, folder: &Folder, first: Position) -> Result<End, Error> {
        let path = segment::path(folder, first);
        let file = segment::open(folder, first)?;
        let length = file.length().map_err(|e| Error::io("read", &path, e))?;
        let offset = if self.end == 0 { length } else { self.end };
        let marked = self.durable == self.last;
        let torn = match self.bad {
            None => None,
            Some((_, why)) => {
                let rest = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
                write_all(&*file, offset, &segment::blank(rest)).map_err(|e| Error::io("write", &path, e))?;
                Some(Torn { file: path.clone(), byte: offset, why })
            }
        };
        // What was read may have been in the system's memory only: from here on it counts as durable.
        file.sync().map_err(|e| Error::io("sync", &path, e))?;
        Ok(End {
            first,
            began: self.began,
            offset,
            length,
            marked,
            recovered: Recovered { position: self.last, torn },
        })
    }
}
