//! The journal in memory: for tests and for the simulated world.

use crate::disk::SimulatedDisk;
use crate::jsonl::FileShelf;
use crate::line::MAX_LINE;
use crate::store::{Checkpoint, Epoch, Line, OnDurable, Position, Store, Transaction};
use crate::{BlobId, Change, Error, Indexer, Part, Rewritten, Shelf};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A journal in memory. Loses what is not durable when it is [crashed](MemoryStore::crash), and everything with the
/// process.
pub struct MemoryStore {
    state: Mutex<State>,
    told: Mutex<Option<OnDurable>>,
    /// Whether lines become durable only by [`Store::sync`].
    manual: bool,
    /// What the shelf lies on.
    disk: SimulatedDisk,
    shelf: Arc<FileShelf>,
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore::of(State::default(), false, SimulatedDisk::new())
    }
}

#[derive(Default, Clone)]
struct State {
    /// The line before the first one kept.
    gone: Position,
    /// What is archived of them, with its index.
    parts: Vec<(Part, Vec<u8>)>,
    lines: Vec<(Position, Arc<Transaction>)>,
    position: Position,
    durable: Position,
    epoch: Epoch,
    checkpoint: Option<Checkpoint>,
    blobs: HashMap<BlobId, Vec<u8>>,
    mark: String,
}

impl MemoryStore {
    /// A store whose lines are durable as soon as they are appended.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// A store whose lines become durable by [`Store::sync`] only.
    pub fn manual() -> MemoryStore {
        MemoryStore { manual: true, ..MemoryStore::default() }
    }

    fn of(state: State, manual: bool, disk: SimulatedDisk) -> MemoryStore {
        let shelf = Arc::new(FileShelf::alone_on(Arc::new(disk.clone())));
        MemoryStore { state: Mutex::new(state), told: Mutex::new(None), manual, disk, shelf }
    }

    /// What is left after a power loss: the durable lines, the checkpoint with what it refers to, and the blobs.
    #[must_use]
    pub fn crash(&self) -> MemoryStore {
        let mut state = self.state().clone();
        let durable = state.durable;
        let kept = durable.0.saturating_sub(state.gone.0);
        state.lines.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
        state.position = durable;
        MemoryStore::of(state, self.manual, self.disk.power_loss(durable.0))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, durable: Position) {
        if let Some(told) = &*self.told.lock().unwrap_or_else(PoisonError::into_inner) {
            told(Ok(durable));
        }
    }
}

impl State {
    fn owned_by(&self, epoch: Epoch) -> Result<(), Error> {
        if epoch == self.epoch { Ok(()) } else { Err(Error::Fenced { epoch, current: self.epoch }) }
    }

    /// Lets lines go.
    fn forget(&mut self, upto: Position) {
        let count = usize::try_from(upto.0.saturating_sub(self.gone.0)).unwrap_or(usize::MAX);
        self.lines.drain(..count.min(self.lines.len()));
        self.gone = self.gone.max(upto);
    }

    /// Changes the lines of one part; says whether any was changed.
    fn rewrite(
        &mut self,
        number: usize,
        change: &mut Change<'_>,
        indexer: &mut dyn Indexer,
    ) -> Result<bool, Error> {
        let Some((part, index)) = self.parts.get_mut(number) else { return Ok(false) };
        let place = |seq: u64| usize::try_from(seq.saturating_sub(self.gone.0)).unwrap_or(usize::MAX);
        let (from, until) = (place(part.first.0.saturating_sub(1)), place(part.last.0));
        let lines = self.lines.get_mut(from..until).unwrap_or_default();
        let (mut changed, mut bytes, mut seq) = (false, 0_u64, part.first);
        for (durable, line) in lines {
            let seen = Line { seq, durable: *durable, at: line.at, records: records_of(seq, line)? };
            if let Some(records) = change(&seen) {
                *line = Arc::new(Transaction { at: line.at, records });
                changed = true;
            }
            let records = records_of(seq, line)?;
            let sizes = records.iter().map(|r| u64::try_from(r.get().len()).unwrap_or(u64::MAX));
            bytes = sizes.fold(bytes, u64::saturating_add);
            indexer.line(&Line { seq, durable: *durable, at: line.at, records });
            seq = seq.next();
        }
        if changed {
            (part.bytes, *index) = (bytes, indexer.finish());
        }
        Ok(changed)
    }

    fn at_checkpoint(&self) -> Position {
        self.checkpoint.as_ref().map(|c| c.at).unwrap_or_default()
    }
}

fn records_of(seq: Position, line: &Transaction) -> Result<Vec<&RawValue>, Error> {
    serde_json::from_str(&line.records).map_err(|error| {
        let why = error.to_string();
        Error::Corrupt { file: PathBuf::new(), byte: 0, seq: Some(seq), why }
    })
}

impl Store for MemoryStore {
    fn lease(&self) -> Result<Epoch, Error> {
        let mut state = self.state();
        state.epoch = Epoch(state.epoch.0.saturating_add(1));
        Ok(state.epoch)
    }

    fn append(&self, epoch: Epoch, expected: Position, batch: &[Transaction]) -> Result<Position, Error> {
        let mut state = self.state();
        state.owned_by(epoch)?;
        if expected != state.position {
            return Err(Error::Conflict { expected, actual: state.position });
        }
        for transaction in batch {
            let size = transaction.records.len();
            if size > MAX_LINE {
                return Err(Error::TooLarge { size, limit: MAX_LINE });
            }
        }
        for transaction in batch {
            let durable = state.durable;
            state.lines.push((durable, Arc::new(transaction.clone())));
            state.position = state.position.next();
        }
        let position = state.position;
        if !self.manual && state.durable < position {
            state.durable = position;
            drop(state);
            self.tell(position);
        }
        Ok(position)
    }

    fn position(&self) -> Position {
        self.state().position
    }

    fn durable(&self) -> Position {
        self.state().durable
    }

    fn sync(&self) -> Result<Position, Error> {
        let mut state = self.state();
        let position = state.position;
        if state.durable < position {
            state.durable = position;
            drop(state);
            self.tell(position);
        }
        Ok(position)
    }

    fn mark(&self, what: &str) -> Result<(), Error> {
        what.clone_into(&mut self.state().mark);
        Ok(())
    }

    fn marked(&self) -> Result<String, Error> {
        Ok(self.state().mark.clone())
    }

    fn on_durable(&self, told: OnDurable) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
    }

    fn read(&self, after: Position, visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>) -> Result<(), Error> {
        // Visitors may call the store, so the lock is not held while they run.
        let (gone, lines) = {
            let state = self.state();
            if after < state.gone {
                return Err(Error::Truncated { gone: state.gone });
            }
            (state.gone, state.lines.clone())
        };
        let skip = usize::try_from(after.0.saturating_sub(gone.0)).unwrap_or(usize::MAX);
        let mut seq = after;
        for (durable, line) in lines.iter().skip(skip) {
            seq = seq.next();
            let records = records_of(seq, line)?;
            if visit(Line { seq, durable: *durable, at: line.at, records }).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn write_checkpoint(&self, epoch: Epoch, checkpoint: &Checkpoint) -> Result<(), Error> {
        self.sync()?;
        self.shelf.sync()?;
        let mut state = self.state();
        state.owned_by(epoch)?;
        if checkpoint.at > state.position || checkpoint.at < state.at_checkpoint() {
            return Err(Error::Conflict { expected: checkpoint.at, actual: state.position });
        }
        state.checkpoint = Some(checkpoint.clone());
        Ok(())
    }

    fn read_checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        Ok(self.state().checkpoint.clone())
    }

    fn shelf(&self) -> Arc<dyn Shelf> {
        self.shelf.clone()
    }

    fn truncate_before(&self, epoch: Epoch, upto: Position) -> Result<(), Error> {
        let mut state = self.state();
        state.owned_by(epoch)?;
        let at = state.at_checkpoint();
        if upto > at {
            return Err(Error::Conflict { expected: upto, actual: at });
        }
        state.parts.clear();
        state.forget(upto);
        Ok(())
    }

    fn archive_before(
        &self,
        epoch: Epoch,
        upto: Position,
        indexer: &mut dyn FnMut() -> Box<dyn Indexer>,
    ) -> Result<(), Error> {
        let mut state = self.state();
        state.owned_by(epoch)?;
        let at = state.at_checkpoint();
        if upto > at {
            return Err(Error::Conflict { expected: upto, actual: at });
        }
        let archived = state.parts.last().map_or(state.gone, |(part, _)| part.last);
        let first = archived.next();
        if first > upto {
            return Ok(());
        }
        let mut part = Part { first, last: upto, from: i64::MAX, until: i64::MIN, bytes: 0 };
        let mut indexer = indexer();
        let (skip, take) = (archived.0.saturating_sub(state.gone.0), upto.0.saturating_sub(archived.0));
        let (skip, take) =
            (usize::try_from(skip).unwrap_or(usize::MAX), usize::try_from(take).unwrap_or(usize::MAX));
        let mut seq = archived;
        for (durable, line) in state.lines.iter().skip(skip).take(take) {
            seq = seq.next();
            let records = records_of(seq, line)?;
            (part.from, part.until) = (part.from.min(line.at), part.until.max(line.at));
            part.bytes = records
                .iter()
                .map(|r| u64::try_from(r.get().len()).unwrap_or(u64::MAX))
                .fold(part.bytes, u64::saturating_add);
            indexer.line(&Line { seq, durable: *durable, at: line.at, records });
        }
        let index = indexer.finish();
        state.parts.push((part, index));
        Ok(())
    }

    fn roll(&self, epoch: Epoch) -> Result<(), Error> {
        self.state().owned_by(epoch)?;
        self.sync().map(|_| ())
    }

    fn rewrite_archive(
        &self,
        epoch: Epoch,
        change: &mut Change<'_>,
        indexer: &mut dyn FnMut() -> Box<dyn Indexer>,
    ) -> Result<Rewritten, Error> {
        let mut state = self.state();
        state.owned_by(epoch)?;
        let mut all = Rewritten::default();
        for number in (0..state.parts.len()).rev() {
            all.parts =
                all.parts.saturating_add(u64::from(state.rewrite(number, change, &mut *indexer())?));
        }
        Ok(all)
    }

    fn shorten_archive(&self, epoch: Epoch, before: i64) -> Result<u64, Error> {
        let mut state = self.state();
        state.owned_by(epoch)?;
        let old = state.parts.iter().take_while(|(part, _)| part.until < before).count();
        let last = state.parts.drain(..old).next_back().map(|(part, _)| part.last);
        last.into_iter().for_each(|last| state.forget(last));
        Ok(u64::try_from(old).unwrap_or(u64::MAX))
    }

    fn first_live(&self) -> Result<Position, Error> {
        let state = self.state();
        Ok(state.parts.last().map_or(state.gone, |(part, _)| part.last).next())
    }

    fn archived(&self) -> Result<Vec<Position>, Error> {
        Ok(self.state().parts.iter().map(|(part, _)| part.first).collect())
    }

    fn read_part(&self, first: Position) -> Result<(Part, Vec<u8>), Error> {
        let found = self.state().parts.iter().find(|(part, _)| part.first == first).cloned();
        found.ok_or_else(|| Error::io("open", "archive", std::io::ErrorKind::NotFound.into()))
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<BlobId, Error> {
        let id = BlobId::of(bytes);
        self.state().blobs.entry(id).or_insert_with(|| bytes.to_vec());
        Ok(id)
    }

    fn get_blob(&self, id: BlobId) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.state().blobs.get(&id).cloned())
    }

    fn sweep_blobs(&self, epoch: Epoch, keep: &dyn Fn(BlobId) -> bool) -> Result<u64, Error> {
        let mut state = self.state();
        state.owned_by(epoch)?;
        let before = state.blobs.len();
        state.blobs.retain(|id, _| keep(*id));
        Ok(u64::try_from(before.saturating_sub(state.blobs.len())).unwrap_or(u64::MAX))
    }
}
