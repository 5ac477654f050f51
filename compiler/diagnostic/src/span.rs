//! Where in the source something stands.

use serde::{Deserialize, Serialize};

/// A source file of one compilation, as an index into the driver's list of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A half-open range of byte offsets, relative to whatever the holder says (a file, or an item).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct TextRange {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl TextRange {
    /// From `start` up to, not including, `end`.
    pub const fn new(start: u32, end: u32) -> TextRange {
        TextRange { start, end }
    }

    /// The same range, moved `by` bytes to the right.
    #[must_use]
    pub const fn shift(self, by: u32) -> TextRange {
        TextRange { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn cover(self, other: TextRange) -> TextRange {
        TextRange { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `offset` lies inside, the end included (a cursor behind a name belongs to the name).
    pub const fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// Length in bytes.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether nothing is inside.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// A range of bytes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Bytes from the start of the file.
    pub range: TextRange,
}

impl Span {
    /// `range` of `file`.
    pub const fn new(file: FileId, range: TextRange) -> Span {
        Span { file, range }
    }
}
