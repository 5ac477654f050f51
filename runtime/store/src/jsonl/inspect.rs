//! Looking through a whole folder without owning it: what is damaged, and where exactly.

use super::archive;
use super::folder::{Folder, Manifest};
use super::segment::{self, Placed};
use super::{Options, checkpoint};
use crate::line::Decoded;
use crate::{BlobId, Error, Line, Position};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// What was found in a folder.
#[derive(Debug, Clone, Default)]
pub struct Inspection {
    /// Everything that is not as it was written, in the order of the journal.
    pub findings: Vec<Finding>,
    /// How many files of lines there are.
    pub segments: u64,
    /// How many parts of the archive there are; 0 where it was not looked at.
    pub parts: u64,
    /// The oldest line that is kept.
    pub oldest: Position,
    /// How many lines can be read.
    pub lines: u64,
    /// How many blobs there are.
    pub blobs: u64,
    /// The last line that can be read.
    pub last: Position,
    /// The highest line that anything says is durable.
    pub durable: Position,
    /// The last line that the checkpoint holds; 0 where there is none.
    pub checkpoint: Position,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub kind: FindingKind,
    /// In which file.
    pub file: PathBuf,
    /// From which byte on.
    pub byte: u64,
    /// In which line of the file, counted from 1; 0 where the file has no lines.
    pub line: u64,
    /// Which line of the journal stood there, where it is one.
    pub seq: Option<Position>,
    /// What is wrong, for a person.
    pub why: String,
}

/// Kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// The end of a segment that was being written when the machine stopped. Nothing of it was ever durable, and the
    /// next start overwrites it.
    Torn,
    /// Something that was durable cannot be read.
    Damaged,
    /// A checkpoint or the manifest cannot be read.
    Truth,
    /// A part of the archive cannot be read, or is not there. What lives does not need it.
    Archive,
    /// A blob's content does not match its name.
    Blob,
    /// A blob that something refers to is not there.
    Missing,
}

/// How far back somebody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// At what is live.
    Live,
    /// At the archive, too.
    Archive,
}

/// Looks through a folder; `None` where it holds no journal. It takes no lock and changes nothing. `visit` sees every line
/// that can be read and comes after `after`, in order, until it breaks off.
///
/// # Errors
/// [`Error::Newer`] when a later version wrote it, [`Error::Io`] where the disk does not give it.
pub fn inspect(
    options: &Options,
    depth: Depth,
    after: Position,
    visit: &mut dyn FnMut(&Line<'_>),
) -> Result<Option<Inspection>, Error> {
    let folder = Folder { disk: options.disk.clone(), root: options.path.clone() };
    let mut found = Inspection::default();
    let firsts = segment::list(&folder)?;
    let manifest = match folder.read_manifest() {
        Err(Error::Corrupt { file, byte, why, .. }) => {
            found.truth(file, byte, why);
            // What the manifest said is not known: everything that is there is looked at.
            Manifest::beginning(firsts.first().copied().unwrap_or(Position(1)))
        }
        read => read?,
    };
    if firsts.is_empty() && manifest.at_checkpoint() == Position(0) && found.findings.is_empty() {
        return Ok(None);
    }
    found.checkpoint = manifest.at_checkpoint();
    if let Some(named) = &manifest.checkpoint {
        match checkpoint::read(&folder, named) {
            Err(Error::Corrupt { file, byte, why, .. }) => found.truth(file, byte, why),
            read => drop(read?),
        }
    }
    found.oldest = manifest.first;
    if depth == Depth::Archive {
        archive::look(&mut found, &folder, manifest.first, after, visit)?;
    }
    found.last = Position(manifest.first.0.saturating_sub(1));
    found.durable = found.last.max(found.checkpoint);
    let counted: Vec<Position> = firsts.into_iter().filter(|first| *first >= manifest.first).collect();
    for (at, first) in counted.iter().enumerate() {
        // A segment is begun only after the one before it was synced.
        let next = counted.get(at + 1).map(|next| Position(next.0.saturating_sub(1)));
        found.durable = found.durable.max(next.unwrap_or_default());
        if let Some(end) = next.filter(|end| *end <= after) {
            found.last = end;
            continue;
        }
        found.segment(&folder, *first, next, after, visit)?;
    }
    found.end(&folder, counted.last().copied().unwrap_or(manifest.first));
    found.blobs(&folder)?;
    Ok(Some(found))
}

impl Inspection {
    /// Whether only the end is torn, which the next start mends by itself.
    pub fn is_only_torn(&self) -> bool {
        self.findings.iter().all(|finding| finding.kind == FindingKind::Torn)
    }

    fn truth(&mut self, file: PathBuf, byte: u64, why: String) {
        self.findings.push(Finding { kind: FindingKind::Truth, file, byte, line: 0, seq: None, why });
    }

    fn damaged(&mut self, file: PathBuf, byte: u64, line: u64, seq: Position, why: String) {
        let seq = Some(seq);
        self.findings.push(Finding { kind: FindingKind::Damaged, file, byte, line, seq, why });
    }

    fn segment(
        &mut self,
        folder: &Folder,
        first: Position,
        end: Option<Position>,
        after: Position,
        visit: &mut dyn FnMut(&Line<'_>),
    ) -> Result<(), Error> {
        let path = segment::path(folder, first);
        self.segments = self.segments.saturating_add(1);
        if first != self.last.next() {
            let why =
                format!("lines {} to {} are missing before it", self.last.next(), first.0.saturating_sub(1));
            self.damaged(path.clone(), 0, 1, self.last.next(), why);
            self.last = Position(first.0.saturating_sub(1));
        }
        // The header is line 1.
        let mut number = 1;
        let scanned = segment::scan(folder, first, &mut |placed| {
            number += 1;
            self.line(&path, number, placed, after, visit);
            // What stands behind the last line of a segment that has a successor is padding, or half of a mark.
            if end == Some(self.last) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match (scanned, end) {
            // Its owner put it away while this looked.
            (Err(Error::Io { source, .. }), Some(end)) if source.kind() == std::io::ErrorKind::NotFound => {
                self.last = end
            }
            (scanned, _) => self.scanned(scanned, first)?,
        }
        Ok(())
    }

    fn scanned(&mut self, scanned: Result<(), Error>, first: Position) -> Result<(), Error> {
        match scanned {
            Err(Error::Corrupt { file, byte, why, .. }) => self.damaged(file, byte, 1, first, why),
            scanned => scanned?,
        }
        Ok(())
    }

    fn line(
        &mut self,
        path: &std::path::Path,
        number: u64,
        placed: Placed<'_>,
        after: Position,
        visit: &mut dyn FnMut(&Line<'_>),
    ) {
        match placed.line {
            Ok(Decoded::Blank) => {}
            Ok(Decoded::Mark(durable)) => self.durable = self.durable.max(durable),
            Ok(Decoded::Line(line)) => {
                self.durable = self.durable.max(line.durable);
                let expected = self.last.next();
                if line.seq < expected {
                    let why = format!("line {} stands where {expected} is expected", line.seq);
                    self.damaged(path.to_owned(), placed.start, number, expected, why);
                    return;
                }
                let told = self.findings.last().is_some_and(|finding| finding.seq == Some(expected));
                if line.seq > expected && !told {
                    let why = format!("line {} stands where {expected} is expected", line.seq);
                    self.damaged(path.to_owned(), placed.start, number, expected, why);
                }
                self.last = line.seq;
                self.lines = self.lines.saturating_add(1);
                if line.seq > after {
                    visit(&line);
                }
            }
            Err(why) => self.damaged(path.to_owned(), placed.start, number, self.last.next(), why),
        }
    }

    /// What stands behind the last line that was durable is an ordinary torn end; what is not there and was durable is
    /// missing.
    fn end(&mut self, folder: &Folder, last: Position) {
        let path = segment::path(folder, last);
        let torn = |finding: &Finding| {
            finding.kind == FindingKind::Damaged
                && finding.file == path
                && finding.line > 1
                && finding.seq.is_some_and(|seq| seq > self.durable)
        };
        let from = self.findings.iter().position(torn);
        if let Some(finding) = from.and_then(|from| self.findings.get_mut(from)) {
            finding.kind = FindingKind::Torn;
            self.last = Position(finding.seq.unwrap_or_default().0.saturating_sub(1));
        }
        // One end is torn once, however many pieces of lines it has.
        self.findings.truncate(from.map_or(usize::MAX, |from| from.saturating_add(1)));
        let missing = self.last.next();
        let told = self.findings.iter().any(|finding| finding.seq == Some(missing));
        if self.last < self.durable && !told {
            let why = format!("line {missing} is missing, and line {} was durable", self.durable);
            self.damaged(path, 0, 0, missing, why);
        }
    }

    fn blobs(&mut self, folder: &Folder) -> Result<(), Error> {
        let blobs = folder.blobs();
        let names = folder.disk.list(&blobs).map_err(|e| Error::io("list", &blobs, e))?;
        for name in names {
            let Ok(id) = name.parse::<BlobId>() else { continue };
            let file = blobs.join(&name);
            // One that is swept away while this looks is none.
            let Some(bytes) = folder.read_file(&file)? else { continue };
            self.blobs = self.blobs.saturating_add(1);
            if BlobId::of(&bytes) != id {
                let why = "its content does not match its name, which is its hash".to_owned();
                self.findings.push(Finding {
                    kind: FindingKind::Blob,
                    file,
                    byte: 0,
                    line: 0,
                    seq: None,
                    why,
                });
            }
        }
        Ok(())
    }
}
