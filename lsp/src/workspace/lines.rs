//! Bytes to lines and columns, and back, as editors count them.

use carapace_diagnostic::TextRange;

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: what the protocol says where nothing was agreed.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

/// A place as an editor says it: both numbers from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column, in the units agreed upon.
    pub column: u32,
}

/// Where the lines of a text begin. Lines end as the protocol says: at `\n`, `\r\n` or `\r`.
#[derive(Debug, Clone)]
pub struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    /// Those of a text.
    pub fn of(text: &str) -> Lines {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let next = at.saturating_add(1);
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(next) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                starts.push(clamp(next));
            }
        }
        Lines { starts }
    }

    /// How many there are; at least one.
    pub fn count(&self) -> u32 {
        clamp(self.starts.len())
    }

    /// The line in which a byte stands.
    pub fn line(&self, offset: u32) -> u32 {
        clamp(self.starts.partition_point(|start| *start <= offset).saturating_sub(1))
    }

    /// The bytes of a line, its end not included; empty behind the last.
    pub fn range(&self, text: &str, line: u32) -> TextRange {
        let index = usize::try_from(line).unwrap_or(usize::MAX);
        let end_of_text = clamp(text.len());
        let Some(start) = self.starts.get(index).copied() else {
            return TextRange::new(end_of_text, end_of_text);
        };
        let next = self.starts.get(index.saturating_add(1)).copied().unwrap_or(end_of_text);
        let whole = text.get(widen(start)..widen(next)).unwrap_or_default();
        TextRange::new(start, start.saturating_add(clamp(whole.trim_end_matches(['\r', '\n']).len())))
    }

    /// Where a byte stands. Behind the end is the end; inside a character is its start.
    pub fn place(&self, text: &str, offset: u32, encoding: Encoding) -> Place {
        let at = text.floor_char_boundary(widen(offset));
        let line = self.line(clamp(at));
        let start = self.starts.get(widen(line)).copied().unwrap_or_default();
        let before = text.get(widen(start)..at).unwrap_or_default();
        Place { line, column: width(before, encoding) }
    }

    /// The byte at a place. A column behind the line's end is the line's end, a line behind the last is the text's end,
    /// as the protocol wants it; the middle of a character is its start.
    pub fn offset(&self, text: &str, place: Place, encoding: Encoding) -> u32 {
        let range = self.range(text, place.line);
        let line = text.get(widen(range.start)..widen(range.end)).unwrap_or_default();
        let mut column = 0;
        for (at, c) in line.char_indices() {
            let next = width(c.encode_utf8(&mut [0; 4]), encoding).saturating_add(column);
            if next > place.column {
                return range.start.saturating_add(clamp(at));
            }
            column = next;
        }
        range.end
    }
}

fn width(text: &str, encoding: Encoding) -> u32 {
    clamp(match encoding {
        Encoding::Utf8 => text.len(),
        Encoding::Utf16 => text.chars().map(char::len_utf16).sum(),
        Encoding::Utf32 => text.chars().count(),
    })
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

    const TEXT: &str = "a\u{1f422}b\r\n\r\nü\rlast";

    #[test]
    fn every_byte_has_a_place_and_every_place_its_byte() {
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::of(TEXT);
            assert_eq!(lines.count(), 4);
            for (at, c) in TEXT.char_indices().filter(|(_, c)| !matches!(c, '\r' | '\n')) {
                let place = lines.place(TEXT, clamp(at), encoding);
                assert_eq!(lines.offset(TEXT, place, encoding), clamp(at), "{c:?} in {encoding:?}");
            }
        }
    }

    #[test]
    fn columns_count_what_was_agreed() {
        let lines = Lines::of(TEXT);
        let column = |encoding| lines.place(TEXT, 5, encoding).column;
        assert_eq!([Encoding::Utf8, Encoding::Utf16, Encoding::Utf32].map(column), [5, 3, 2]);
    }

    #[test]
    fn places_that_do_not_exist_are_the_nearest_that_do() {
        let lines = Lines::of(TEXT);
        let at = |line, column| lines.offset(TEXT, Place { line, column }, Encoding::Utf16);
        assert_eq!(at(0, 99), 6, "behind the end of a line");
        assert_eq!(at(0, 2), 1, "in the middle of a pair");
        assert_eq!(at(99, 0), clamp(TEXT.len()), "behind the last line");
        assert_eq!(lines.place(TEXT, 999, Encoding::Utf8), Place { line: 3, column: 4 });
    }
}
