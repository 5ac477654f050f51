//! The features over every example: each word under the cursor means something, and no place makes trouble.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_diagnostic::FileId;
use carapace_driver::{MemoryFiles, Sources};
use carapace_lsp::features::{completion, hover, signature};
use carapace_lsp::{PackageRoot, Snapshot};
use carapace_syntax::TokenKind;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Monday, 2 March 2026, 12:00 in UTC.
const NOW: i64 = 1_772_452_800_000;

fn files(folder: &Path, below: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, below, found);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            let name = path.strip_prefix(below).unwrap().to_string_lossy().into_owned();
            found.push((name, text));
        }
    }
}

/// Every package of the examples, checked.
fn packages() -> Vec<Snapshot> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(&root).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("main.flow").is_file() {
            continue;
        }
        let mut found = Vec::new();
        files(&folder, &folder, &mut found);
        let memory = MemoryFiles::new(found.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let checked = Sources::load(&memory, "main.flow").parse().check(&memory, true);
        let root = PackageRoot { folder: PathBuf::from("/x"), root: "main.flow".to_owned(), library: false };
        all.push(Snapshot::new(root, checked));
    }
    all
}

fn own(snapshot: &Snapshot) -> Vec<(FileId, String)> {
    snapshot.files().into_iter().map(|file| (file, snapshot.text(file).to_owned())).collect()
}

#[test]
fn every_word_under_the_cursor_is_explained() {
    let mut silent = BTreeSet::new();
    let mut count = 0;
    for snapshot in packages() {
        for (file, text) in own(&snapshot) {
            for token in carapace_syntax::tokens(&text).into_iter().filter(|t| t.kind == TokenKind::Word) {
                count += 1;
                if hover::hover(&snapshot, file, token.start, NOW).is_none() {
                    silent.insert(token.text(&text).to_owned());
                }
            }
        }
    }
    assert!(count > 2000, "{count}");
    // Folders on the way to a module mean nothing by themselves.
    assert_eq!(silent.into_iter().collect::<Vec<_>>(), ["shop", "std"]);
}

#[test]
fn no_place_makes_trouble() {
    let mut proposed = 0;
    for snapshot in packages() {
        for (file, text) in own(&snapshot) {
            for (at, _) in text.char_indices().step_by(397) {
                let offset = u32::try_from(at).unwrap();
                proposed += completion::complete(&snapshot, file, offset).len();
                signature::signature(&snapshot, file, offset);
            }
        }
    }
    assert!(proposed > 1000, "{proposed}");
}

#[test]
fn whoever_works_on_the_library_is_helped_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stdlib");
    let mut found = Vec::new();
    files(&root, &root, &mut found);
    for (name, text) in &mut found {
        if name == "prelude/duration.flow" {
            text.push_str("\nfn one(words: Text) -> Int = words.\n");
        }
    }
    let memory = MemoryFiles::new(found.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let checked = Sources::library(&memory).parse().check(&memory, true);
    let root = PackageRoot { folder: PathBuf::from("/x"), root: String::new(), library: true };
    let snapshot = Snapshot::new(root, checked);
    let place = |file: FileId| Some((file, snapshot.text(file).find("= words.\n")?));
    let (file, at) = snapshot.files().into_iter().find_map(place).unwrap();
    let offset = u32::try_from(at + "= words.".len()).unwrap();
    let proposed = completion::complete(&snapshot, file, offset);
    assert!(proposed.iter().any(|c| c.label == "length"), "{proposed:?}");
    let said = hover::hover(&snapshot, file, offset - 2, NOW).unwrap();
    assert!(said.text.contains("words: Text"), "{}", said.text);
}
