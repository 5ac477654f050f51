//! The features over every example: each word under the cursor means something, and no place makes trouble.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_diagnostic::FileId;
use carapace_driver::{MemoryFiles, Sources};
use carapace_lsp::features::{
    calls, completion, definition, graph, hover, linked, references, rename, selection, signature,
};
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

/// What costs little is asked at every place of every file; proposals, which look at an item each time, at every place of the
/// smallest.
#[test]
fn every_place_has_an_answer() {
    let packages = packages();
    let mut all: Vec<(&Snapshot, FileId, String)> = Vec::new();
    for snapshot in &packages {
        all.extend(own(snapshot).into_iter().map(|(file, text)| (snapshot, file, text)));
    }
    assert!(all.len() > packages.len(), "some have several files");
    all.sort_by_key(|(.., text)| text.len());
    let (mut led, mut named) = (0, 0);
    for (index, (snapshot, file, text)) in all.iter().enumerate() {
        let whole = u32::try_from(text.len()).unwrap();
        for offset in text.char_indices().map(|(at, _)| u32::try_from(at).unwrap()).chain([whole, whole + 9])
        {
            hover::hover(snapshot, *file, offset, NOW);
            led += definition::definition(snapshot, *file, offset).places.len();
            definition::type_definition(snapshot, *file, offset);
            definition::implementation(snapshot, *file, offset);
            references::highlights(snapshot, *file, offset);
            linked::ranges(snapshot, *file, offset);
            calls::prepare(snapshot, *file, offset);
            graph::at(snapshot, *file, offset);
            named += usize::from(rename::prepare(snapshot, *file, offset).is_ok());
            let ranges = selection::ranges(snapshot, *file, offset);
            assert!(ranges.windows(2).all(|w| w[1].start <= w[0].start && w[0].end <= w[1].end));
            if index == 0 {
                completion::complete(snapshot, *file, offset);
                signature::signature(snapshot, *file, offset);
            }
        }
    }
    assert!(led > 10_000 && named > 1_000, "{led} {named}");
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
