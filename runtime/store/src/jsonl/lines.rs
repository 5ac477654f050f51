//! Reading lines, wherever they lie: in the archive, then in the segments that are live.

use super::archive::{self, read_seal};
use super::folder::Folder;
use super::segment::{self, Visit};
use crate::line::Decoded;
use crate::{Error, Line, Position};
use std::ops::ControlFlow;
use std::path::Path;

/// Visits the lines behind `after` up to `end`, in a folder whose live lines begin with the one that `live` names at
/// present. An owner may put segments away meanwhile: what moved is looked for again where it is then.
pub(super) fn read_lines(
    folder: &Folder,
    live: &dyn Fn() -> Result<Position, Error>,
    end: Position,
    after: Position,
    visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
) -> Result<(), Error> {
    let mut after = after;
    loop {
        let before = live()?;
        let mut seen = after;
        let read = read_once(folder, before, end, after, &mut |line| {
            seen = line.seq;
            visit(line)
        });
        if read.is_ok() || live()? == before {
            return read;
        }
        after = seen;
    }
}

fn read_once(
    folder: &Folder,
    live: Position,
    end: Position,
    after: Position,
    visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
) -> Result<(), Error> {
    let mut after = after;
    if after.next() < live {
        let last = Position(live.0.saturating_sub(1)).min(end);
        if read_archive(folder, live, last, after, visit)?.is_break() || last == end {
            return Ok(());
        }
        after = last;
    }
    read_live(folder, live, end, after, visit)
}

/// Visits the archived lines behind `after`, the last of which is `last`.
fn read_archive(
    folder: &Folder,
    live: Position,
    last: Position,
    after: Position,
    visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Error> {
    let firsts = archive::list_before(folder, live)?;
    let before = firsts.partition_point(|first| *first <= after.next());
    let Some(begin) = before.checked_sub(1) else {
        let oldest = firsts.first().copied().unwrap_or(live);
        return Err(Error::Truncated { gone: Position(oldest.0.saturating_sub(1)) });
    };
    let mut seq = after;
    for first in firsts.iter().skip(begin).copied() {
        if first > seq.next() {
            return Err(gap(folder, seq.next(), first));
        }
        if read_seal(folder, first)?.part.last <= seq {
            continue;
        }
        let (sealed, content) = archive::open(folder, first)?;
        let mut at = Position(first.0.saturating_sub(1));
        let part_last = sealed.part.last.min(last);
        let flow = in_order(content.path(), &mut |each| content.scan(each), &mut at, part_last, seq, visit)?;
        if flow.is_break() {
            return Ok(flow);
        }
        seq = at;
    }
    if seq < last { Err(gap(folder, seq.next(), live)) } else { Ok(ControlFlow::Continue(())) }
}

/// Lines that should be in the archive and are not.
fn gap(folder: &Folder, expected: Position, next: Position) -> Error {
    let why = format!("lines {expected} to {} are missing", next.0.saturating_sub(1));
    Error::Corrupt { file: folder.archive(), byte: 0, seq: Some(expected), why }
}

/// Visits the live lines behind `after`, the first of which is `oldest`.
fn read_live(
    folder: &Folder,
    oldest: Position,
    end: Position,
    after: Position,
    visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
) -> Result<(), Error> {
    let firsts = segment::list(folder)?;
    let mut seq = Position(oldest.0.saturating_sub(1));
    for (n, first) in firsts.iter().enumerate() {
        let next = firsts.get(n.saturating_add(1));
        if *first < oldest || next.is_some_and(|next| next.0 <= after.0.saturating_add(1)) {
            seq = next.map_or(seq, |next| Position(next.0.saturating_sub(1)));
            continue;
        }
        if *first != seq.next() {
            let why = format!("the lines before it are missing, line {} is expected", seq.next());
            let file = segment::path(folder, *first);
            return Err(Error::Corrupt { file, byte: 0, seq: Some(seq.next()), why });
        }
        // What stands behind the last line of a segment that has a successor is padding, or half of a mark.
        let last = next.map_or(end, |next| Position(next.0.saturating_sub(1)).min(end));
        let visited = read_segment(folder, *first, &mut seq, last, after, visit)?;
        if visited.is_break() || seq >= end {
            return Ok(());
        }
    }
    if seq < end {
        let why = "the line is missing".to_owned();
        return Err(Error::Corrupt { file: folder.journal(), byte: 0, seq: Some(seq.next()), why });
    }
    Ok(())
}

/// Visits the lines of one segment up to `last`, and says whether the visitor has had enough.
fn read_segment(
    folder: &Folder,
    first: Position,
    seq: &mut Position,
    last: Position,
    after: Position,
    visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Error> {
    if *seq >= last {
        return Ok(ControlFlow::Continue(()));
    }
    let path = segment::path(folder, first);
    in_order(&path, &mut |each| segment::scan(folder, first, each), seq, last, after, visit)
}

/// Visits the lines that `scan` finds in a file, up to `last`, each of which follows the one before it.
fn in_order(
    path: &Path,
    scan: &mut dyn FnMut(&mut Visit<'_>) -> Result<(), Error>,
    seq: &mut Position,
    last: Position,
    after: Position,
    visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Error> {
    let mut flow = ControlFlow::Continue(());
    let mut damage = None;
    scan(&mut |placed| {
        let why = match placed.line {
            Ok(Decoded::Blank | Decoded::Mark(_)) => return ControlFlow::Continue(()),
            Ok(Decoded::Line(line)) if line.seq == seq.next() => {
                *seq = line.seq;
                if line.seq > after {
                    flow = visit(line);
                }
                return if *seq >= last { ControlFlow::Break(()) } else { flow };
            }
            Ok(Decoded::Line(line)) => format!("line {} stands where {} is expected", line.seq, seq.next()),
            Err(why) => why,
        };
        damage = Some((placed.start, why));
        ControlFlow::Break(())
    })?;
    match damage {
        None => Ok(flow),
        Some((byte, why)) => Err(Error::Corrupt { file: path.to_owned(), byte, seq: Some(seq.next()), why }),
    }
}
