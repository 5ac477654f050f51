//! Any store, failing as planned: for tests of what stands on a store.

use crate::store::{Checkpoint, Epoch, Line, OnDurable, Position, Store, Transaction};
use crate::{BlobId, Change, Error, Indexer, Part, Rewritten, Shelf};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Which call fails, counted from 1. What fails poisons the store, as a real failure does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// This append fails, and adds nothing.
    pub append: Option<u64>,
    /// This sync fails.
    pub sync: Option<u64>,
    /// This checkpoint fails; the one before stays the latest.
    pub checkpoint: Option<u64>,
    /// This blob is not taken. Alone of all it poisons nothing.
    pub put_blob: Option<u64>,
}

/// A store that fails as planned and passes everything else on.
pub struct Faulty<S> {
    inner: S,
    faults: Faults,
    appends: AtomicU64,
    syncs: AtomicU64,
    checkpoints: AtomicU64,
    blobs: AtomicU64,
    poisoned: AtomicBool,
}

impl<S: Store> Faulty<S> {
    /// `inner`, failing as planned.
    pub fn new(inner: S, faults: Faults) -> Faulty<S> {
        Faulty {
            inner,
            faults,
            appends: AtomicU64::new(0),
            syncs: AtomicU64::new(0),
            checkpoints: AtomicU64::new(0),
            blobs: AtomicU64::new(0),
            poisoned: AtomicBool::new(false),
        }
    }

    /// What is below, to look at or to open again.
    pub fn into_inner(self) -> S {
        self.inner
    }

    /// Counts a call; fails it when its turn has come, and every one after a failure.
    fn pass(&self, count: &AtomicU64, planned: Option<u64>) -> Result<(), Error> {
        let turn = count.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        if planned == Some(turn) {
            self.poisoned.store(true, Ordering::SeqCst);
        }
        self.alive()
    }

    fn alive(&self) -> Result<(), Error> {
        if self.poisoned.load(Ordering::SeqCst) {
            return Err(Error::Poisoned { cause: "planned failure".to_owned() });
        }
        Ok(())
    }
}

impl<S: Store> Store for Faulty<S> {
    fn lease(&self) -> Result<Epoch, Error> {
        self.alive()?;
        self.inner.lease()
    }

    fn append(&self, epoch: Epoch, expected: Position, batch: &[Transaction]) -> Result<Position, Error> {
        self.pass(&self.appends, self.faults.append)?;
        self.inner.append(epoch, expected, batch)
    }

    fn position(&self) -> Position {
        self.inner.position()
    }

    fn durable(&self) -> Position {
        self.inner.durable()
    }

    fn sync(&self) -> Result<Position, Error> {
        self.pass(&self.syncs, self.faults.sync)?;
        self.inner.sync()
    }

    fn is_low(&self) -> bool {
        self.inner.is_low()
    }

    fn mark(&self, what: &str) -> Result<(), Error> {
        self.inner.mark(what)
    }

    fn marked(&self) -> Result<String, Error> {
        self.inner.marked()
    }

    fn on_durable(&self, told: OnDurable) {
        self.inner.on_durable(told);
    }

    fn read(&self, after: Position, visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>) -> Result<(), Error> {
        self.inner.read(after, visit)
    }

    fn write_checkpoint(&self, epoch: Epoch, checkpoint: &Checkpoint) -> Result<(), Error> {
        self.pass(&self.checkpoints, self.faults.checkpoint)?;
        self.inner.write_checkpoint(epoch, checkpoint)
    }

    fn read_checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        self.inner.read_checkpoint()
    }

    fn shelf(&self) -> Arc<dyn Shelf> {
        self.inner.shelf()
    }

    fn truncate_before(&self, epoch: Epoch, upto: Position) -> Result<(), Error> {
        self.alive()?;
        self.inner.truncate_before(epoch, upto)
    }

    fn archive_before(
        &self,
        epoch: Epoch,
        upto: Position,
        indexer: &mut dyn FnMut() -> Box<dyn Indexer>,
    ) -> Result<(), Error> {
        self.alive()?;
        self.inner.archive_before(epoch, upto, indexer)
    }

    fn roll(&self, epoch: Epoch) -> Result<(), Error> {
        self.alive()?;
        self.inner.roll(epoch)
    }

    fn rewrite_archive(
        &self,
        epoch: Epoch,
        change: &mut Change<'_>,
        indexer: &mut dyn FnMut() -> Box<dyn Indexer>,
    ) -> Result<Rewritten, Error> {
        self.alive()?;
        self.inner.rewrite_archive(epoch, change, indexer)
    }

    fn shorten_archive(&self, epoch: Epoch, before: i64) -> Result<u64, Error> {
        self.alive()?;
        self.inner.shorten_archive(epoch, before)
    }

    fn first_live(&self) -> Result<Position, Error> {
        self.inner.first_live()
    }

    fn archived(&self) -> Result<Vec<Position>, Error> {
        self.inner.archived()
    }

    fn read_part(&self, first: Position) -> Result<(Part, Vec<u8>), Error> {
        self.inner.read_part(first)
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<BlobId, Error> {
        self.alive()?;
        let turn = self.blobs.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        if self.faults.put_blob == Some(turn) {
            return Err(Error::io("write", "blob", std::io::Error::other("planned failure")));
        }
        self.inner.put_blob(bytes)
    }

    fn get_blob(&self, id: BlobId) -> Result<Option<Vec<u8>>, Error> {
        self.inner.get_blob(id)
    }

    fn sweep_blobs(&self, epoch: Epoch, keep: &dyn Fn(BlobId) -> bool) -> Result<u64, Error> {
        self.alive()?;
        self.inner.sweep_blobs(epoch, keep)
    }
}
