//! What is kept of a journal beyond its checkpoint: whole stretches of lines, each with an index.

use crate::{Line, Position};
use std::path::PathBuf;

/// A stretch of lines that lies in the archive. Parts follow one another without a gap, and the journal's live lines follow
/// the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its first line.
    pub first: Position,
    /// Its last line.
    pub last: Position,
    /// When the earliest of its lines was written, in milliseconds since 1970; the caller's clock.
    pub from: i64,
    /// When the latest of them was.
    pub until: i64,
    /// How many bytes it has as text.
    pub bytes: u64,
}

/// What became of the archive when its lines were searched for what is to be erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// How many parts have other lines now.
    pub parts: u64,
    /// The files of parts that could not be read, and so not be searched: they are gone.
    pub removed: Vec<PathBuf>,
}

/// The records that a line shall have instead of its own, as the text of a JSON array; none where it stays as it is.
pub type Change<'a> = dyn FnMut(&Line<'_>) -> Option<String> + 'a;

/// Makes an index of one part: what its reader wants to know without reading it.
pub trait Indexer {
    /// Sees every line of the part, in order.
    fn line(&mut self, line: &Line<'_>);

    /// The index: the text of a JSON object, without line breaks. Its meaning is the caller's.
    fn finish(&mut self) -> Vec<u8>;
}

/// Makes an index that says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoIndex;

impl Indexer for NoIndex {
    fn line(&mut self, _: &Line<'_>) {}

    fn finish(&mut self) -> Vec<u8> {
        b"{}".to_vec()
    }
}
