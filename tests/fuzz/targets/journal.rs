//! A journal with any bytes in the place of its lines: read up to what is damaged, which is told.
#![no_main]

use carapace_store::{Depth, JsonlStore, Options, Position, inspect};
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::OnceLock;
use tempfile::TempDir;

/// A data directory, and the segment in it.
static KEPT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();

fn kept() -> &'static (TempDir, PathBuf) {
    KEPT.get_or_init(|| {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        drop(JsonlStore::open(Options::new(folder.path())).expect("a store begins"));
        let segments = std::fs::read_dir(folder.path().join("journal")).expect("it has a journal");
        let segment = segments.flatten().next().map(|entry| entry.path());
        let segment = segment.unwrap_or_else(|| folder.path().join("journal/00000000000000000001.jsonl"));
        (folder, segment)
    })
}

fuzz_target!(|bytes: &[u8]| {
    let (folder, segment) = kept();
    std::fs::write(segment, bytes).expect("there is room for a file");
    // Whatever is found, it is found: that it cannot be read is an answer.
    let _ = inspect(&Options::new(folder.path()), Depth::Live, Position(0), &mut |_| {});
});
