//! The contract of a journal.

use crate::{BlobId, Change, Error, Indexer, Part, Rewritten, Shelf};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

/// How far a journal goes: the number of its last line. Lines are numbered from 1; 0 is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

/// The number of an ownership. Each lease is higher than all before it, and only the latest may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

/// One line to be: all records of one decision. Whole in the journal, or not at all.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// When, in milliseconds since 1970; the caller's clock.
    pub at: i64,
    /// The records, as the text of a JSON array.
    pub records: String,
}

/// One line as it was read. Borrows from the reader's buffer.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Its number.
    pub seq: Position,
    /// The highest number known to be synced when it was written.
    pub durable: Position,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The records, as JSON.
    pub records: Vec<&'a RawValue>,
}

/// Everything up to a position, in the engine's own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last line it holds the effect of.
    pub at: Position,
    /// The engine's state; opaque here.
    pub state: Vec<u8>,
}

/// Told whenever more became durable, and once when the store failed for good. Called on the writer's thread: it must
/// not block and must not call the store.
pub type OnDurable = Box<dyn Fn(Result<Position, &Error>) + Send + Sync>;

/// A journal with its checkpoints and blobs.
///
/// All methods may be called from any thread; whoever appends does so from one. A store that failed to write or sync
/// is *poisoned*: nothing can be said about what is on the disk, so every later call but reading answers
/// [`Error::Poisoned`], and the way on is to open it again.
pub trait Store: Send + Sync {
    /// Takes the ownership over: the epochs before it may no longer write. Durable when it returns.
    ///
    /// # Errors
    /// When the new epoch cannot be written down.
    fn lease(&self) -> Result<Epoch, Error>;

    /// Adds lines after `expected`, in order, and answers the new position. Returns before they are durable (see
    /// [`Store::sync`], [`Store::durable`] and [`Store::on_durable`]); lines become durable in order, each whole.
    ///
    /// # Errors
    /// [`Error::Fenced`] for an old epoch, [`Error::Conflict`] when `expected` is not the position; nothing was added
    /// then. [`Error::Poisoned`] after a failure.
    fn append(&self, epoch: Epoch, expected: Position, batch: &[Transaction]) -> Result<Position, Error>;

    /// The last line that was appended.
    fn position(&self) -> Position;

    /// The last line that survives a power loss.
    fn durable(&self) -> Position;

    /// Waits until everything appended so far is durable.
    ///
    /// # Errors
    /// [`Error::Poisoned`] when it never will be.
    fn sync(&self) -> Result<Position, Error>;

    /// Whether the disk is full, and lines are written to what was kept back for that: what has begun may be finished,
    /// and nothing new should be begun. [`Store::truncate_before`] ends it, where there is room again.
    fn is_low(&self) -> bool {
        false
    }

    /// Notes what is being done, for whoever opens the store after a process that ended in the middle of it: a line of 60 bytes. It is with the
    /// operating system when this returns, and not synced: an aborting process does not lose it, a power loss may.
    ///
    /// # Errors
    /// When it cannot be written. Nothing else depends on that.
    fn mark(&self, what: &str) -> Result<(), Error>;

    /// What was noted last, here or by the process before; empty where that is nothing.
    ///
    /// # Errors
    /// When it cannot be read.
    fn marked(&self) -> Result<String, Error>;

    /// Sets who is told when more became durable; replaces who was told before.
    fn on_durable(&self, told: OnDurable);

    /// Visits the lines after `after`, in order, until the visitor breaks: archived ones, then live ones.
    ///
    /// # Errors
    /// [`Error::Truncated`] when lines after `after` are kept no longer, [`Error::Corrupt`] for a damaged line.
    fn read(&self, after: Position, visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>) -> Result<(), Error>;

    /// Writes a checkpoint, reads it back and makes it the latest; durable when it returns. Its position is made
    /// durable first, and everything that was put on the shelf.
    ///
    /// # Errors
    /// [`Error::Fenced`]; [`Error::Conflict`] when `at` is behind the position or before the latest checkpoint.
    fn write_checkpoint(&self, epoch: Epoch, checkpoint: &Checkpoint) -> Result<(), Error>;

    /// The latest checkpoint.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is damaged.
    fn read_checkpoint(&self) -> Result<Option<Checkpoint>, Error>;

    /// Where entries lie that checkpoints refer to.
    fn shelf(&self) -> Arc<dyn Shelf>;

    /// Lets lines up to and including `upto` go for good, as far as whole segments hold nothing else, and with them
    /// the whole archive. Only what the latest checkpoint holds can go.
    ///
    /// # Errors
    /// [`Error::Fenced`]; [`Error::Conflict`] when `upto` is behind the latest checkpoint.
    fn truncate_before(&self, epoch: Epoch, upto: Position) -> Result<(), Error>;

    /// Puts lines up to and including `upto` into the archive, as far as whole segments hold nothing else: they are no longer
    /// live, and can still be read. Only what the latest checkpoint holds can go there. `indexer` makes the index of each
    /// part. May take long; who appends meanwhile does not wait. Where there is no room the oldest part of the archive
    /// gives way, and what finds none at all is not kept.
    ///
    /// # Errors
    /// As [`Store::truncate_before`], and when the archive cannot be written; what was not put away is live then.
    fn archive_before(
        &self,
        epoch: Epoch,
        upto: Position,
        indexer: &mut dyn FnMut() -> Box<dyn Indexer>,
    ) -> Result<(), Error>;

    /// Goes on in a new segment, where lines lie in segments: those that are there can leave without those to come, once a
    /// checkpoint holds them. They are durable when it returns.
    ///
    /// # Errors
    /// [`Error::Fenced`], and when no segment can be begun; the store may be poisoned then.
    fn roll(&self, epoch: Epoch) -> Result<(), Error>;

    /// Puts other lines in the place of archived ones, as `change` says, which sees those of one part in order, and parts
    /// from the youngest to the oldest. Each part has its old lines or its new ones, whatever happens meanwhile, and what
    /// it had before is gone when this returns. A part that cannot be read is removed. `indexer` makes the new indexes. May
    /// take long; who appends meanwhile does not wait.
    ///
    /// # Errors
    /// [`Error::Fenced`], and when a part cannot be written; it has its old lines then.
    fn rewrite_archive(
        &self,
        epoch: Epoch,
        change: &mut Change<'_>,
        indexer: &mut dyn FnMut() -> Box<dyn Indexer>,
    ) -> Result<Rewritten, Error>;

    /// Lets the parts of the archive go, from the oldest on, all of whose lines were written before `before`
    /// (milliseconds since 1970; the caller's clock). Answers how many.
    ///
    /// # Errors
    /// [`Error::Fenced`], and when they cannot be removed.
    fn shorten_archive(&self, epoch: Epoch, before: i64) -> Result<u64, Error>;

    /// The first line that is live, or would be: everything before it is archived or gone.
    ///
    /// # Errors
    /// When that cannot be read.
    fn first_live(&self) -> Result<Position, Error>;

    /// The first lines of the archive's parts, oldest first. The live lines follow the last.
    ///
    /// # Errors
    /// When the archive cannot be listed.
    fn archived(&self) -> Result<Vec<Position>, Error>;

    /// The part of the archive that begins with a line, and its index.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is damaged; [`Error::Io`] (not found) when there is none, any more.
    fn read_part(&self, first: Position) -> Result<(Part, Vec<u8>), Error>;

    /// Stores bytes under their hash; durable when it returns. The same bytes are stored once.
    ///
    /// # Errors
    /// When they cannot be written.
    fn put_blob(&self, bytes: &[u8]) -> Result<BlobId, Error>;

    /// The bytes of a blob, their hash checked; `None` for an unknown one.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the bytes do not match their name.
    fn get_blob(&self, id: BlobId) -> Result<Option<Vec<u8>>, Error>;

    /// Removes the blobs that `keep` refuses and answers how many. Blobs put for lines not yet written are the
    /// caller's to keep.
    ///
    /// # Errors
    /// [`Error::Fenced`], and when they cannot be removed.
    fn sweep_blobs(&self, epoch: Epoch, keep: &dyn Fn(BlobId) -> bool) -> Result<u64, Error>;
}

/// As long as most lines are, in bytes: one that is longer grows.
const ROOM: usize = 2_048;

impl Transaction {
    /// A transaction of these records.
    ///
    /// # Errors
    /// When a record is not expressible as JSON (a map with keys that are no text).
    pub fn of<R: Serialize>(at: i64, records: &[R]) -> Result<Transaction, serde_json::Error> {
        let mut text = Vec::with_capacity(ROOM);
        serde_json::to_writer(&mut text, records)?;
        let records = String::from_utf8(text).map_err(serde::ser::Error::custom)?;
        Ok(Transaction { at, records })
    }
}

impl Position {
    /// The next line's number.
    #[must_use]
    pub const fn next(self) -> Position {
        Position(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
