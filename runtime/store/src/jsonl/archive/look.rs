//! Looking through the archive: which parts are damaged or missing.

use super::part::open;
use super::parts::{list_before, packed_path};
use crate::jsonl::folder::Folder;
use crate::jsonl::inspect::{Finding, FindingKind, Inspection};
use crate::line::Decoded;
use crate::{Error, Line, Position};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Looks through the parts before the first live line. `visit` sees the lines behind `after` that can be read.
pub(in crate::jsonl) fn look(
    found: &mut Inspection,
    folder: &Folder,
    live: Position,
    after: Position,
    visit: &mut dyn FnMut(&Line<'_>),
) -> Result<(), Error> {
    let firsts = list_before(folder, live)?;
    found.oldest = firsts.first().copied().unwrap_or(live);
    let mut expected = found.oldest;
    for (number, first) in (1..).zip(&firsts) {
        let next = firsts.get(number).copied().unwrap_or(live);
        found.parts = found.parts.saturating_add(1);
        if *first > expected {
            let why = format!("lines {expected} to {} are missing before it", first.0.saturating_sub(1));
            found.archived(packed_path(folder, *first), expected, why);
        }
        // Of a part that cannot be read nobody knows where it ends: at the next one, as far as anybody can say.
        expected = next;
        if next.0 <= after.0.saturating_add(1) {
            continue;
        }
        match part(found, folder, *first, after, visit) {
            Ok(last) if last.next() < next => {
                let why =
                    format!("lines {} to {} are missing behind it", last.next(), next.0.saturating_sub(1));
                found.archived(packed_path(folder, *first), last.next(), why);
            }
            Ok(_) => {}
            Err(Error::Corrupt { file, why, .. }) => found.archived(file, *first, why),
            // Its owner may let it go while this looks.
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads one part, and answers its last line.
fn part(
    found: &mut Inspection,
    folder: &Folder,
    first: Position,
    after: Position,
    visit: &mut dyn FnMut(&Line<'_>),
) -> Result<Position, Error> {
    let (_, content) = open(folder, first)?;
    let mut last = Position(first.0.saturating_sub(1));
    let mut wrong = None;
    content.scan(&mut |placed| {
        match placed.line {
            Ok(Decoded::Line(line)) if line.seq == last.next() => {
                last = line.seq;
                found.lines = found.lines.saturating_add(1);
                if line.seq > after {
                    visit(&line);
                }
            }
            Ok(Decoded::Line(line)) => {
                wrong = Some(format!("line {} stands where {} is expected", line.seq, last.next()))
            }
            Ok(Decoded::Blank | Decoded::Mark(_)) => {}
            Err(why) => wrong = Some(why),
        }
        if wrong.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    match wrong {
        Some(why) => {
            Err(Error::Corrupt { file: content.path().clone(), byte: 0, seq: Some(last.next()), why })
        }
        None => Ok(last),
    }
}

impl Inspection {
    fn archived(&mut self, file: PathBuf, seq: Position, why: String) {
        let seq = Some(seq);
        self.findings.push(Finding { kind: FindingKind::Archive, file, byte: 0, line: 0, seq, why });
    }
}
