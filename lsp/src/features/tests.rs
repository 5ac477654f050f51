//! The tests that stand beside flows.

use super::symbols::{SymbolKind, of_file};
use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};

/// A test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestItem {
    /// Its title.
    pub title: String,
    /// All of it.
    pub range: TextRange,
    /// Its title in the source.
    pub selection: TextRange,
}

/// The tests of a file, in order.
pub fn tests(snapshot: &Snapshot, file: FileId) -> Vec<TestItem> {
    let tests = of_file(snapshot, file).into_iter().filter(|s| s.kind == SymbolKind::Test);
    tests.map(|s| TestItem { title: s.name, range: s.range, selection: s.selection }).collect()
}
