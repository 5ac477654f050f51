//! Putting other lines in the place of those of a part, so that what stood there is nowhere any more.

use super::pack::{compress, tidily};
use super::part::open;
use super::parts::{packed_path, rewritten_path};
use super::seal::{self, Sealed};
use crate::jsonl::folder::Folder;
use crate::jsonl::reserve::Reserve;
use crate::jsonl::segment;
use crate::line::{Decoded, encode};
use crate::{Change, Error, Indexer, Part, Position, Transaction};
use std::ops::ControlFlow;
use std::path::Path;

/// Rewrites one part as `change` says; says whether any line was changed. The lines it had lie there still, under a name that
/// its seal does not mean any more.
pub(super) fn rewrite(
    folder: &Folder,
    reserve: &Reserve,
    first: Position,
    change: &mut Change<'_>,
    indexer: &mut dyn Indexer,
) -> Result<bool, Error> {
    let (sealed, content) = open(folder, first)?;
    let (text, changed) = changed(&content.text()?, content.path(), first, change)?;
    if !changed {
        return Ok(false);
    }
    segment::scan_text(&mut text.as_slice(), content.path(), first, &mut |placed| {
        if let Ok(Decoded::Line(line)) = &placed.line {
            indexer.line(line);
        }
        ControlFlow::Continue(())
    })?;
    let temporary = packed_path(folder, first).with_extension("tmp");
    let packed = tidily(folder, &temporary, || {
        let packed = compress(folder, reserve, (content.path(), &mut text.as_slice()), &temporary)?;
        packed.give_name(folder, &temporary, &rewritten_path(folder, first, packed.hash), first)?;
        Ok(packed)
    })?;
    let part = Part { bytes: packed.bytes, ..sealed.part };
    let (hash, index) = (packed.hash, indexer.finish());
    // From here on these are its lines.
    let sealed = Sealed { part, packed: packed.packed, hash, damage: None, rewritten: true, index };
    seal::write(folder, reserve, &sealed)?;
    Ok(true)
}

/// A part's text with its lines changed, and whether any is.
fn changed(
    text: &[u8],
    path: &Path,
    first: Position,
    change: &mut Change<'_>,
) -> Result<(Vec<u8>, bool), Error> {
    let damaged = |seq, byte, why| Error::Corrupt { file: path.to_owned(), byte, seq: Some(seq), why };
    let mut out = Vec::with_capacity(text.len());
    let (mut changed, mut expected, mut wrong) = (false, first, None);
    let place = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
    segment::scan_text(&mut { text }, path, first, &mut |placed| {
        if out.is_empty() {
            // What names the format.
            out.extend_from_slice(text.get(..place(placed.start)).unwrap_or_default());
        }
        match &placed.line {
            Ok(Decoded::Line(line)) if line.seq == expected => {
                expected = expected.next();
                if let Some(records) = change(line) {
                    changed = true;
                    let transaction = Transaction { at: line.at, records };
                    wrong = encode(&mut out, line.seq, line.durable, &transaction).err();
                    return if wrong.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
                }
            }
            Ok(Decoded::Line(line)) => {
                let why = format!("line {} stands where {expected} is expected", line.seq);
                wrong = Some(damaged(expected, placed.start, why));
            }
            Err(why) => wrong = Some(damaged(expected, placed.start, why.clone())),
            Ok(Decoded::Blank | Decoded::Mark(_)) => {}
        }
        out.extend_from_slice(text.get(place(placed.start)..place(placed.end)).unwrap_or_default());
        if wrong.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    wrong.map_or(Ok((out, changed)), Err)
}
