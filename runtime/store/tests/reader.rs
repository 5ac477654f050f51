//! Reading a journal's folder without owning it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use carapace_store::{Checkpoint, JsonlReader, JsonlStore, Options, Past, Position, Store, Transaction};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

fn line(n: u64) -> Transaction {
    Transaction::of(i64::try_from(n).unwrap(), &[n]).unwrap()
}

fn numbers(reader: &dyn Past, after: u64) -> Vec<u64> {
    let mut found = Vec::new();
    reader
        .lines(Position(after), &mut |line| {
            found.push(line.records[0].get().parse().unwrap());
            ControlFlow::Continue(())
        })
        .unwrap();
    found
}

fn content(folder: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                all.insert(entry.path(), std::fs::read(entry.path()).unwrap());
            }
        }
    }
    all
}

#[test]
fn a_journal_is_read_while_another_owns_it_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { segment_bytes: 200, padding_bytes: 256, ..Options::new(folder.path()) };
    let store = JsonlStore::open(options.clone()).unwrap();
    let epoch = store.lease().unwrap();
    for n in 1..=9 {
        store.append(epoch, Position(n - 1), &[line(n)]).unwrap();
        store.sync().unwrap();
    }
    store.write_checkpoint(epoch, &Checkpoint { at: Position(5), state: b"five".to_vec() }).unwrap();
    let before = content(folder.path());
    let reader = JsonlReader::open(options.clone()).unwrap().unwrap();
    assert_eq!(reader.position(), Position(9));
    assert_eq!(reader.checkpoint().unwrap().unwrap().state, b"five");
    assert_eq!(numbers(&reader, 5), [6, 7, 8, 9]);
    assert_eq!(numbers(&reader, 0).len(), 9);
    assert_eq!(content(folder.path()), before);
    store.append(epoch, Position(9), &[line(10)]).unwrap();
    store.sync().unwrap();
    assert_eq!(numbers(&reader, 8), [9], "it ends where it ended when it was opened");
    drop(store);
    assert_eq!(numbers(&JsonlReader::open(options).unwrap().unwrap(), 9), [10]);
}

#[test]
fn a_torn_end_is_left_out_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { padding_bytes: 256, ..Options::new(folder.path()) };
    let store = JsonlStore::open(options.clone()).unwrap();
    let epoch = store.lease().unwrap();
    store.append(epoch, Position(0), &[line(1), line(2)]).unwrap();
    drop(store);
    let segment = folder.path().join("journal/00000000000000000001.jsonl");
    let mut bytes = std::fs::read(&segment).unwrap();
    let end = bytes.iter().rposition(|b| *b == b'}').unwrap();
    bytes.truncate(end + 2);
    bytes.extend_from_slice(b"{\"seq\":3,\"durable\":2,\"at\":0,\"rec");
    std::fs::write(&segment, &bytes).unwrap();
    let reader = JsonlReader::open(options).unwrap().unwrap();
    assert_eq!(numbers(&reader, 0), [1, 2]);
    assert_eq!(std::fs::read(&segment).unwrap(), bytes);
}

#[test]
fn a_folder_without_a_journal_is_none_and_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    assert!(JsonlReader::open(Options::new(folder.path())).unwrap().is_none());
    assert!(JsonlReader::open(Options::new(folder.path().join("nowhere"))).unwrap().is_none());
    assert!(content(folder.path()).is_empty());
}
