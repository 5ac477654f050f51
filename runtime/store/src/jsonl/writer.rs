//! The thread that writes: group commit.

use super::archive::Archive;
use super::folder::Folder;
use super::recovery::End;
use super::reserve::Reserve;
use super::segment;
use crate::disk::{DiskFile, write_all};
use crate::line::{encode, encode_mark};
use crate::{Error, OnDurable, Position, Transaction};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// How many bytes may wait for the writer before [`Writer::append`] waits too.
const BACKLOG: usize = 32 * 1024 * 1024;

/// The sizes the writer goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// A segment that has as much gets a successor.
    pub(super) segment: u64,
    /// So does one whose first line is so much older than the next, in milliseconds.
    pub(super) age: i64,
    /// How much is pre-written at a time.
    pub(super) padding: usize,
}

/// The writing end of a journal. Dropping it writes what is left and ends the thread.
pub(super) struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// There is something to write, or the end has come.
    work: Condvar,
    /// More is durable, or the writer failed.
    done: Condvar,
    told: Mutex<Option<OnDurable>>,
}

#[derive(Default)]
struct Queue {
    /// Lines to write, encoded.
    lines: Vec<u8>,
    /// The last line of all that were appended.
    position: Position,
    /// When that was, by the clock of who appended it.
    at: i64,
    durable: Position,
    failed: Option<Error>,
    /// Whether the lines to come shall be in a new segment.
    roll: bool,
    stop: bool,
}

/// What the thread is to do next.
enum Work {
    /// To write lines: with the last one's number and time.
    Write(Vec<u8>, Position, i64),
    /// To go on in a new segment.
    Roll,
}

impl Writer {
    pub(super) fn start(
        folder: Folder,
        end: &End,
        sizes: Sizes,
        reserve: Arc<Reserve>,
        archive: Arc<Archive>,
    ) -> Result<Writer, Error> {
        let position = end.recovered.position;
        let queue = Queue { position, durable: position, ..Queue::default() };
        let shared = Arc::new(Shared { queue: Mutex::new(queue), ..Shared::default() });
        let output = Output {
            file: segment::open(&folder, end.first)?,
            first: end.first,
            began: end.began,
            offset: end.offset,
            padded: end.length,
            written: position,
            marked: end.marked,
            folder,
            sizes,
            reserve,
            archive,
        };
        let root = output.folder.root.clone();
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || output.run(&theirs))
            .map_err(|e| Error::io("start the writer of", root, e))?;
        Ok(Writer { shared, thread: Some(thread) })
    }

    /// Queues lines; the caller has checked the position.
    pub(super) fn append(&self, expected: Position, batch: &[Transaction]) -> Result<Position, Error> {
        let mut queue = self.shared.queue();
        while queue.lines.len() > BACKLOG && queue.failed.is_none() {
            queue = wait(&self.shared.done, queue);
        }
        queue.alive()?;
        if queue.position != expected {
            return Err(Error::Conflict { expected, actual: queue.position });
        }
        let before = queue.lines.len();
        let durable = queue.durable;
        let mut position = queue.position;
        for transaction in batch {
            position = position.next();
            if let Err(error) = encode(&mut queue.lines, position, durable, transaction) {
                // All of the batch or nothing.
                queue.lines.truncate(before);
                return Err(error);
            }
        }
        queue.position = position;
        queue.at = batch.last().map_or(queue.at, |transaction| transaction.at);
        drop(queue);
        self.shared.work.notify_one();
        Ok(position)
    }

    pub(super) fn position(&self) -> Position {
        self.shared.queue().position
    }

    pub(super) fn durable(&self) -> Position {
        self.shared.queue().durable
    }

    /// Waits until what is appended now is durable.
    pub(super) fn sync(&self) -> Result<Position, Error> {
        let mut queue = self.shared.queue();
        let wanted = queue.position;
        while queue.durable < wanted {
            queue.alive()?;
            queue = wait(&self.shared.done, queue);
        }
        queue.alive()?;
        Ok(queue.durable)
    }

    /// Goes on in a new segment; what is appended now is in the old one, and durable.
    pub(super) fn roll(&self) -> Result<(), Error> {
        self.sync()?;
        let mut queue = self.shared.queue();
        queue.alive()?;
        queue.roll = true;
        self.shared.work.notify_one();
        while queue.roll {
            queue.alive()?;
            queue = wait(&self.shared.done, queue);
        }
        queue.alive()
    }

    pub(super) fn alive(&self) -> Result<(), Error> {
        self.shared.queue().alive()
    }

    pub(super) fn on_durable(&self, told: OnDurable) {
        *self.shared.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.queue().stop = true;
        self.shared.work.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by the thread.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No code that holds the lock can panic half-way through a change.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, result: Result<Position, &Error>) {
        self.done.notify_all();
        if let Some(told) = &*self.told.lock().unwrap_or_else(PoisonError::into_inner) {
            told(result);
        }
    }
}

impl Queue {
    fn alive(&self) -> Result<(), Error> {
        match &self.failed {
            None => Ok(()),
            Some(cause) => Err(Error::Poisoned { cause: cause.to_string() }),
        }
    }
}

/// The open segment.
struct Output {
    folder: Folder,
    sizes: Sizes,
    reserve: Arc<Reserve>,
    archive: Arc<Archive>,
    file: Box<dyn DiskFile>,
    /// The first line of the segment.
    first: Position,
    /// When it was written, once it was.
    began: Option<i64>,
    /// Where the next byte goes.
    offset: u64,
    /// Up to here the file exists, as padding.
    padded: u64,
    /// The last line written.
    written: Position,
    /// Whether a mark or line in the file says that the last line is durable.
    marked: bool,
}

impl Output {
    fn run(mut self, shared: &Shared) {
        while let Some(work) = self.next(shared) {
            let done = match &work {
                Work::Write(lines, position, at) => self.commit(lines, *position, *at),
                // A segment that has no line yet is as new as one can be.
                Work::Roll if self.began.is_none() => Ok(()),
                Work::Roll => self.sparing(Output::roll),
            };
            match (done, work) {
                (Ok(()), Work::Write(_, position, _)) => {
                    shared.queue().durable = position;
                    shared.tell(Ok(position));
                }
                (Ok(()), Work::Roll) => {
                    shared.queue().roll = false;
                    shared.done.notify_all();
                }
                (Err(error), _) => {
                    shared.queue().failed = Some(error.clone());
                    return shared.tell(Err(&error));
                }
            }
        }
    }

    /// Waits for lines; `None` at the end. Where there are none it leaves a mark first, so that a journal at rest says
    /// of its last line that it is durable.
    fn next(&mut self, shared: &Shared) -> Option<Work> {
        let mut queue = shared.queue();
        loop {
            if !queue.lines.is_empty() {
                return Some(Work::Write(std::mem::take(&mut queue.lines), queue.position, queue.at));
            }
            if queue.roll {
                return Some(Work::Roll);
            }
            if !self.marked {
                drop(queue);
                self.mark();
                queue = shared.queue();
            } else if queue.stop {
                return None;
            } else {
                queue = wait(&shared.work, queue);
            }
        }
    }

    /// Writes lines and syncs them.
    fn commit(&mut self, lines: &[u8], position: Position, at: i64) -> Result<(), Error> {
        let old = self.began.is_some_and(|began| at.saturating_sub(began) >= self.sizes.age);
        if old || self.offset >= self.sizes.segment {
            self.sparing(Output::roll)?;
        }
        self.began.get_or_insert(at);
        self.sparing(|output| output.write(lines))?;
        let path = segment::path(&self.folder, self.first);
        self.file.sync().map_err(|e| Error::io("sync", path, e))?;
        self.written = position;
        self.marked = false;
        Ok(())
    }

    /// Does it; on a full disk again: what was gives way to what is, and then what was kept back for that.
    fn sparing(&mut self, work: impl Fn(&mut Output) -> Result<(), Error>) -> Result<(), Error> {
        loop {
            match work(self) {
                Err(error) if error.is_full() && self.archive.give_way() => {}
                Err(error) if self.reserve.spend(&error) => return work(self),
                result => return result,
            }
        }
    }

    /// Leaves a mark, unsynced: the next sync takes it along. One that fails to be written is left out, as the next
    /// line says the same.
    fn mark(&mut self) {
        self.marked = true;
        let mut line = Vec::new();
        encode_mark(&mut line, self.written);
        let end = self.offset.saturating_add(length_of(&line));
        if end <= self.padded {
            // A mark written in part is a torn line behind the last durable one, which is what marks are for.
            let _ = self.write(&line);
        }
    }

    /// Writes over padding, adding more of it first where it does not suffice.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let path = segment::path(&self.folder, self.first);
        let end = self.offset.saturating_add(length_of(bytes));
        write_all(&*self.file, self.offset, bytes).map_err(|e| Error::io("write", &path, e))?;
        if end > self.padded {
            let more = segment::blank(self.sizes.padding);
            write_all(&*self.file, end, &more).map_err(|e| Error::io("write", &path, e))?;
            self.padded = end.saturating_add(length_of(&more));
        }
        self.offset = end;
        Ok(())
    }

    /// Goes on in a new segment. Everything in the old one is durable by now.
    fn roll(&mut self) -> Result<(), Error> {
        let old = segment::path(&self.folder, self.first);
        let first = self.written.next();
        let header = segment::create(&self.folder, first, self.sizes.padding)?;
        // What is left of the padding is of no more use.
        self.file.set_len(self.offset).map_err(|e| Error::io("cut", old, e))?;
        self.file = segment::open(&self.folder, first)?;
        self.first = first;
        self.began = None;
        self.offset = header;
        self.padded = header.saturating_add(u64::try_from(self.sizes.padding).unwrap_or(u64::MAX));
        Ok(())
    }
}

fn wait<'a>(condition: &Condvar, guard: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
    condition.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
