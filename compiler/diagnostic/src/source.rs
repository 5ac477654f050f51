//! The texts that diagnostics point into, with line numbers.

use crate::{FileId, TextRange};

/// All files of one compilation. A [`FileId`] is an index into it.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

/// One file: its name as the user knows it, and its text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    text: String,
    /// The offset of each line's first byte; never empty.
    line_starts: Vec<u32>,
}

/// A place as a person counts: both numbers start at 1, columns are Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in Unicode scalar values.
    pub column: u32,
}

impl SourceMap {
    /// Without files.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Adds a file. A file that could not be read is added with an empty text: its diagnostics then show its name.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile::new(name, text));
        id
    }

    /// The file with this number.
    pub fn get(&self, file: FileId) -> Option<&SourceFile> {
        self.files.get(usize::try_from(file.0).ok()?)
    }

    /// All files with their numbers, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0u32..).map(FileId).zip(&self.files)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl SourceFile {
    /// A file of this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> SourceFile {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(
            text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| clamp(at.saturating_add(1))),
        );
        SourceFile { name: name.into(), text, line_starts }
    }

    /// Its name, as given: a path relative to where the user stands.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte. An offset behind the end is the end; one inside a character is its start.
    pub fn position(&self, offset: u32) -> Position {
        let at = self.boundary(offset);
        let index = self.line_index(clamp(at));
        let start = self.line_start(index);
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count());
        Position { line: clamp(index).saturating_add(1), column: clamp(column).saturating_add(1) }
    }

    /// The text of a range, cut to what exists.
    pub fn slice(&self, range: TextRange) -> &str {
        self.text.get(self.boundary(range.start)..self.boundary(range.end)).unwrap_or("")
    }

    /// The zero-based line that holds a byte.
    pub(crate) fn line_index(&self, offset: u32) -> usize {
        self.line_starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The first byte of a zero-based line; the end of the text for a line behind the last.
    pub(crate) fn line_start(&self, index: usize) -> usize {
        self.line_starts.get(index).map_or(self.text.len(), |start| widen(*start))
    }

    /// The offset as an index on a character's boundary inside the text.
    pub(crate) fn boundary(&self, offset: u32) -> usize {
        self.text.floor_char_boundary(widen(offset))
    }
}

fn clamp(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn widen(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, offset: u32) -> (u32, u32) {
        let p = SourceFile::new("a.flow", text).position(offset);
        (p.line, p.column)
    }

    #[test]
    fn counts_lines_and_characters_from_one() {
        assert_eq!(at("", 0), (1, 1));
        assert_eq!(at("ab\ncd", 0), (1, 1));
        assert_eq!(at("ab\ncd", 2), (1, 3));
        assert_eq!(at("ab\ncd", 3), (2, 1));
        assert_eq!(at("ab\ncd\n", 6), (3, 1));
        assert_eq!(at("ünï x", 6), (1, 5), "two letters of two bytes each stand before");
    }

    #[test]
    fn survives_offsets_that_fit_nothing() {
        assert_eq!(at("ab", 99), (1, 3), "behind the end is the end");
        assert_eq!(at("ü", 1), (1, 1), "inside a character is its start");
        assert_eq!(SourceFile::new("a", "abc").slice(TextRange::new(2, 99)), "c");
        assert_eq!(SourceFile::new("a", "abc").slice(TextRange::new(2, 1)), "");
    }
}
