//! Every store keeps every rule, and the suite notices one that does not.

use carapace_store::disk::SimulatedDisk;
use carapace_store::{
    BlobId, Change, Checkpoint, Epoch, Error, Faults, Faulty, Indexer, JsonlStore, Line, MemoryStore,
    OnDurable, Options, Part, Position, Rewritten, Shelf, Store, Transaction, conformance,
};
use std::ops::ControlFlow;
use std::sync::Arc;

#[test]
fn memory() {
    conformance::all(MemoryStore::new).unwrap();
    conformance::all(MemoryStore::manual).unwrap();
}

#[test]
fn a_wrapper_without_faults() {
    conformance::all(|| Faulty::new(MemoryStore::new(), Faults::default())).unwrap();
}

#[test]
fn files_of_the_operating_system() {
    let folder = tempfile::tempdir().unwrap();
    let mut n = 0;
    conformance::all(|| {
        n += 1;
        JsonlStore::open(Options::new(folder.path().join(n.to_string()))).unwrap()
    })
    .unwrap();
}

#[test]
fn files_with_many_small_segments() {
    conformance::all(|| {
        let disk = Arc::new(SimulatedDisk::new());
        let options = Options {
            segment_bytes: 600,
            padding_bytes: 200,
            reserve_bytes: 1000,
            disk,
            ..Options::new("data")
        };
        JsonlStore::open(options).unwrap()
    })
    .unwrap();
}

/// Forgets every third line that it is asked to read.
struct Forgetful(MemoryStore);

impl Store for Forgetful {
    fn read(&self, after: Position, visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>) -> Result<(), Error> {
        self.0.read(after, &mut |line| {
            if line.seq.0 % 3 == 0 { ControlFlow::Continue(()) } else { visit(line) }
        })
    }
    fn lease(&self) -> Result<Epoch, Error> {
        self.0.lease()
    }
    fn append(&self, epoch: Epoch, expected: Position, batch: &[Transaction]) -> Result<Position, Error> {
        self.0.append(epoch, expected, batch)
    }
    fn position(&self) -> Position {
        self.0.position()
    }
    fn durable(&self) -> Position {
        self.0.durable()
    }
    fn sync(&self) -> Result<Position, Error> {
        self.0.sync()
    }
    fn mark(&self, what: &str) -> Result<(), Error> {
        self.0.mark(what)
    }
    fn marked(&self) -> Result<String, Error> {
        self.0.marked()
    }
    fn on_durable(&self, told: OnDurable) {
        self.0.on_durable(told);
    }
    fn write_checkpoint(&self, epoch: Epoch, checkpoint: &Checkpoint) -> Result<(), Error> {
        self.0.write_checkpoint(epoch, checkpoint)
    }
    fn read_checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        self.0.read_checkpoint()
    }
    fn shelf(&self) -> Arc<dyn Shelf> {
        self.0.shelf()
    }
    fn truncate_before(&self, epoch: Epoch, upto: Position) -> Result<(), Error> {
        self.0.truncate_before(epoch, upto)
    }
    fn archive_before(
        &self,
        epoch: Epoch,
        upto: Position,
        indexer: &mut dyn FnMut() -> Box<dyn Indexer>,
    ) -> Result<(), Error> {
        self.0.archive_before(epoch, upto, indexer)
    }
    fn roll(&self, epoch: Epoch) -> Result<(), Error> {
        self.0.roll(epoch)
    }
    fn rewrite_archive(
        &self,
        epoch: Epoch,
        change: &mut Change<'_>,
        indexer: &mut dyn FnMut() -> Box<dyn Indexer>,
    ) -> Result<Rewritten, Error> {
        self.0.rewrite_archive(epoch, change, indexer)
    }
    fn shorten_archive(&self, epoch: Epoch, before: i64) -> Result<u64, Error> {
        self.0.shorten_archive(epoch, before)
    }
    fn first_live(&self) -> Result<Position, Error> {
        self.0.first_live()
    }
    fn archived(&self) -> Result<Vec<Position>, Error> {
        self.0.archived()
    }
    fn read_part(&self, first: Position) -> Result<(Part, Vec<u8>), Error> {
        self.0.read_part(first)
    }
    fn put_blob(&self, bytes: &[u8]) -> Result<BlobId, Error> {
        self.0.put_blob(bytes)
    }
    fn get_blob(&self, id: BlobId) -> Result<Option<Vec<u8>>, Error> {
        self.0.get_blob(id)
    }
    fn sweep_blobs(&self, epoch: Epoch, keep: &dyn Fn(BlobId) -> bool) -> Result<u64, Error> {
        self.0.sweep_blobs(epoch, keep)
    }
}

#[test]
fn a_store_that_forgets_does_not_pass() {
    let failure = conformance::all(|| Forgetful(MemoryStore::new())).unwrap_err();
    assert!(failure.starts_with("lines come back in order: the lines:"), "{failure}");
}
