//! A file that is open in the editor: its text is what stands there, not what stands on disk.

use super::{Encoding, Lines, Place};
use crate::host::PackageRoot;
use std::sync::Arc;

/// One edit of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// What is replaced; all of it where there is no range.
    pub(crate) range: Option<(Place, Place)>,
    /// What stands there afterwards.
    pub(crate) text: String,
}

/// An open file.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    text: Arc<str>,
    version: i32,
    /// What it belongs to.
    pub(crate) package: PackageRoot,
}

impl Document {
    pub(crate) fn new(text: String, version: i32, package: PackageRoot) -> Document {
        Document { text: Arc::from(text), version, package }
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// As the editor counts them.
    pub(crate) fn version(&self) -> i32 {
        self.version
    }

    /// Edits it, one change after the other. A place that does not exist is the nearest that does.
    pub(crate) fn apply(&mut self, changes: Vec<Change>, version: i32, encoding: Encoding) {
        self.version = version;
        let mut text = self.text.to_string();
        for change in changes {
            let Some((start, end)) = change.range else {
                text = change.text;
                continue;
            };
            let lines = Lines::of(&text);
            let at = |place| usize::try_from(lines.offset(&text, place, encoding)).unwrap_or(usize::MAX);
            let (start, end) = (at(start.min(end)), at(start.max(end)));
            text.replace_range(start..end, &change.text);
        }
        self.text = Arc::from(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn edited(text: &str, changes: &[(u32, u32, u32, u32, &str)]) -> String {
        let root = PackageRoot { folder: PathBuf::new(), root: String::new(), library: false };
        let mut document = Document::new(text.to_owned(), 1, root);
        let changes = changes.iter().map(|(a, b, c, d, text)| Change {
            range: Some((Place { line: *a, column: *b }, Place { line: *c, column: *d })),
            text: (*text).to_owned(),
        });
        document.apply(changes.collect(), 2, Encoding::Utf16);
        document.text.to_string()
    }

    #[test]
    fn changes_follow_each_other() {
        assert_eq!(edited("one\ntwo\n", &[(0, 3, 1, 0, " "), (0, 4, 0, 7, "three")]), "one three\n");
    }

    #[test]
    fn a_change_at_no_place_is_made_at_the_nearest() {
        assert_eq!(edited("a", &[(9, 9, 9, 9, "b")]), "ab");
        assert_eq!(edited("abc", &[(0, 3, 0, 1, "x")]), "ax", "a range from its end to its start");
        assert_eq!(edited("\u{1f422}", &[(0, 1, 0, 1, "x")]), "x\u{1f422}");
    }
}
