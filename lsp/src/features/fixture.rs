//! Sources with a cursor, for the features' tests.

use crate::host::PackageRoot;
use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};
use carapace_driver::{MemoryFiles, Sources};
use std::path::PathBuf;

/// A checked package, and where the cursor stands in it.
pub(crate) struct Fixture {
    pub(crate) snapshot: Snapshot,
    pub(crate) file: FileId,
    pub(crate) offset: u32,
    /// What is selected: between two `$0`, or nothing.
    pub(crate) selection: TextRange,
}

/// A package from one text. `//- shop/orders.flow` begins another file; what stands before the first is `main.flow`. `$0` is
/// the cursor; two of them are a selection.
pub(crate) fn fixture(text: &str) -> Fixture {
    let mut files = vec![("main.flow".to_owned(), String::new())];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("//- ") {
            Some(name) => files.push((name.trim().to_owned(), String::new())),
            None => files.last_mut().unwrap().1.push_str(line),
        }
    }
    let mut cursor = None;
    for (name, text) in &mut files {
        while let Some(at) = text.find("$0") {
            text.replace_range(at..at + 2, "");
            let at = u32::try_from(at).unwrap();
            let (_, range) = cursor.get_or_insert_with(|| (name.clone(), TextRange::new(at, at)));
            range.end = at;
        }
    }
    let memory = MemoryFiles::new(files.iter().map(|(n, t)| (n.as_str(), t.as_str())));
    let checked = Sources::load(&memory, "main.flow").parse().check(&memory, true);
    let root = PackageRoot { folder: PathBuf::from("/shop"), root: "main.flow".to_owned(), library: false };
    let snapshot = Snapshot::new(root, checked);
    let (name, selection) = cursor.unwrap_or_else(|| ("main.flow".to_owned(), TextRange::default()));
    let file = snapshot.file_at(&PathBuf::from("/shop").join(name)).unwrap();
    Fixture { snapshot, file, offset: selection.end, selection }
}

impl Fixture {
    /// The text of a range of the file with the cursor.
    pub(crate) fn slice(&self, range: TextRange) -> &str {
        &self.snapshot.text(self.file)[range.start as usize..range.end as usize]
    }
}
