//! Looking through a folder of several segments, and cutting it.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_store::{
    Depth, FindingKind, Inspection, JsonlStore, Options, Position, Store, Transaction, cut, inspect,
};
use serde_json::json;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// A folder of many small segments.
fn options(path: &Path) -> Options {
    Options { segment_bytes: 1_000, padding_bytes: 4_096, ..Options::new(path) }
}

fn written(path: &Path, lines: u64) {
    let store = JsonlStore::open(options(path)).unwrap();
    let epoch = store.lease().unwrap();
    for n in 0..lines {
        let line = Transaction::of(0, &[json!({ "n": n, "text": "x".repeat(100) })]).unwrap();
        store.append(epoch, Position(n), &[line]).unwrap();
        store.sync().unwrap();
    }
}

fn look(path: &Path) -> Inspection {
    inspect(&options(path), Depth::Archive, Position(0), &mut |_| {}).unwrap().unwrap()
}

fn segments(path: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(path.join("journal")).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|e| e == "jsonl")).collect();
    files.sort();
    files
}

fn first(segment: &Path) -> u64 {
    segment.file_stem().unwrap().to_str().unwrap().parse().unwrap()
}

#[test]
fn a_folder_without_a_journal_is_none() {
    let folder = tempfile::tempdir().unwrap();
    assert!(inspect(&options(folder.path()), Depth::Archive, Position(0), &mut |_| {}).unwrap().is_none());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking makes nothing");
}

#[test]
fn what_comes_after_a_line_is_visited_in_order() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 40);
    for after in [0, 1, 17, 39, 40, 50] {
        let mut seen = Vec::new();
        let found = inspect(&options(folder.path()), Depth::Archive, Position(after), &mut |line| {
            seen.push(line.seq.0)
        })
        .unwrap();
        assert_eq!(seen, (after + 1..=40).collect::<Vec<_>>());
        assert!(found.unwrap().findings.is_empty());
    }
}

#[test]
fn a_segment_that_is_gone_is_found_and_cut_before() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 40);
    let before = segments(folder.path());
    assert!(before.len() > 3, "{before:?}");
    let gone = first(&before[1]);
    std::fs::remove_file(&before[1]).unwrap();
    let found = look(folder.path());
    assert_eq!(found.findings.len(), 1, "{found:?}");
    let finding = &found.findings[0];
    assert_eq!((finding.kind, finding.seq), (FindingKind::Damaged, Some(Position(gone))));

    let done = cut(&options(folder.path()), &found, Position(gone - 1)).unwrap();
    assert_eq!(done.kept.len(), before.len() - 2, "what is cut off is kept");
    let found = look(folder.path());
    assert!(found.findings.is_empty() && found.last == Position(gone - 1), "{found:?}");
    assert_eq!(goes_on(folder.path()), gone);
}

#[test]
fn everything_can_be_cut_and_a_line_that_is_not_there_cannot() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 40);
    let found = look(folder.path());
    assert!(cut(&options(folder.path()), &found, Position(41)).is_err());
    cut(&options(folder.path()), &found, Position(0)).unwrap();
    assert_eq!(goes_on(folder.path()), 1);
}

#[test]
fn a_header_that_is_damaged_takes_its_segment_with_it() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 40);
    let segment = segments(folder.path()).remove(2);
    let begins = first(&segment);
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[3] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let found = look(folder.path());
    assert_eq!(found.findings[0].seq, Some(Position(begins)), "{found:?}");
    assert_eq!(found.findings[0].line, 1);
    cut(&options(folder.path()), &found, Position(begins - 1)).unwrap();
    assert!(look(folder.path()).findings.is_empty());
    assert_eq!(goes_on(folder.path()), begins);
}

/// Opens it, writes one more line, and reads everything back; gives that line's number.
fn goes_on(path: &Path) -> u64 {
    let store = JsonlStore::open(options(path)).unwrap();
    let epoch = store.lease().unwrap();
    let at = store.position();
    store.append(epoch, at, &[Transaction::of(0, &[json!("more")]).unwrap()]).unwrap();
    store.sync().unwrap();
    let mut lines = 0;
    let mut count = |_: carapace_store::Line<'_>| {
        lines += 1;
        ControlFlow::Continue(())
    };
    store.read(Position(0), &mut count).unwrap();
    assert_eq!(lines, at.0 + 1);
    lines
}
