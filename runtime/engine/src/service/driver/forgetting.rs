//! Forgetting a person, step by step. Each can be done again: where the process ends in between, the next start begins with
//! the first.
//!
//! 1. A line says who is to be forgotten: with it the state drops what it keeps of them, and knows that the rest is to be done.
//! 2. The journal goes on in a new segment, and the shelf in a new file; what rests is moved there.
//! 3. A checkpoint is written that refers to neither, and what it holds is put away.
//! 4. The archive is read, and rewritten from its youngest part on: the older ones say whose the younger ones are.
//! 5. A line says that it is done, and a checkpoint is written that does not know who it was.

use super::Service;
use crate::command::{Input, Rejection, Reply};
use crate::forget::{Eraser, Found, Report, Trace};
use crate::inspect::Runs;
use crate::record::Forgetting as Line;
use crate::service::Error;
use crate::service::forget::Asked;
use crate::state::State;
use carapace_store::{BlobId, Epoch, Store};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long it is waited until what found no room on the disk is tried again.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(30);

/// Who is to be forgotten, and how far that is.
#[derive(Default)]
pub(super) struct Forgetting {
    asked: VecDeque<Asked>,
    stage: Stage,
    /// What was found, for whoever waits for it.
    report: Report,
    answer: Option<oneshot::Sender<Result<Report, Rejection>>>,
    /// Not before, where there was no room on the disk.
    again: Option<Instant>,
}

/// What is to be done next.
#[derive(Default)]
enum Stage {
    /// Nothing.
    #[default]
    Nothing,
    /// The line stands: journal and shelf go on in new files.
    Begin,
    /// What rests is being moved out of the old files.
    Sweep,
    /// A thread writes the checkpoint and rewrites the archive.
    Erase(Arc<Mutex<Option<Erased>>>),
    /// It is done: the last checkpoint that names them goes.
    Close,
    /// A thread writes the checkpoint that knows nothing.
    Closing(Arc<Mutex<Option<Erased>>>),
}

/// What was erased.
#[derive(Default)]
struct Erased {
    records: u64,
    parts: u64,
    removed: Vec<String>,
}

impl Forgetting {
    /// What a process before this one did not finish.
    pub(super) fn left_behind(state: &State, checkpoint: u64) -> Forgetting {
        let stage = if state.forgettings.is_under_way() {
            Stage::Begin
        } else if state.forgettings.done > checkpoint {
            Stage::Close
        } else {
            Stage::Nothing
        };
        Forgetting { stage, ..Forgetting::default() }
    }

    pub(super) fn ask(&mut self, asked: Asked) {
        self.asked.push_back(asked);
    }

    pub(super) fn is_under_way(&self) -> bool {
        !matches!(self.stage, Stage::Nothing)
    }
}

impl Service {
    /// Goes on with forgetting who is to be forgotten; says whether there is more to do at once. `busy`: the engine itself
    /// has more to do.
    pub(super) fn forget(&mut self, busy: bool) -> Result<bool, Error> {
        if self.forgetting.again.is_some_and(|again| Instant::now() < again) {
            return Ok(false);
        }
        match std::mem::take(&mut self.forgetting.stage) {
            Stage::Nothing => self.begin_with_next(busy),
            Stage::Begin => {
                self.go_on_in_new_files()?;
                self.forgetting.stage = Stage::Sweep;
                Ok(true)
            }
            Stage::Sweep if !self.core.state().is_swept() => {
                self.forgetting.stage = Stage::Sweep;
                Ok(true)
            }
            Stage::Sweep if self.checkpointing.is_some() => {
                self.forgetting.stage = Stage::Sweep;
                Ok(false)
            }
            Stage::Sweep => {
                let (line, forgetting) = self.under_way();
                let erase = self.erasing(line, forgetting);
                self.forgetting.stage = Stage::Erase(self.on_thread(erase));
                Ok(false)
            }
            Stage::Erase(erased) if self.checkpointing.is_some() => {
                self.forgetting.stage = Stage::Erase(erased);
                Ok(false)
            }
            Stage::Erase(erased) => {
                let Some(erased) = taken(&erased) else { return Ok(self.try_again(Stage::Sweep)) };
                self.say_that_it_is_done(erased);
                self.write(self.options.clock.now())?;
                self.forgetting.stage = Stage::Close;
                Ok(true)
            }
            Stage::Close if self.checkpointing.is_some() => {
                self.forgetting.stage = Stage::Close;
                Ok(false)
            }
            Stage::Close => {
                let write = self.prepare_checkpoint(self.core.state().sequence);
                let close = move || write().map(|()| Erased::default());
                self.forgetting.stage = Stage::Closing(self.on_thread(close));
                Ok(false)
            }
            Stage::Closing(closed) if self.checkpointing.is_some() => {
                self.forgetting.stage = Stage::Closing(closed);
                Ok(false)
            }
            Stage::Closing(closed) => {
                if taken(&closed).is_none() {
                    return Ok(self.try_again(Stage::Close));
                }
                if let Some(answer) = self.forgetting.answer.take() {
                    // Whoever asked may have stopped waiting.
                    let _ = answer.send(Ok(std::mem::take(&mut self.forgetting.report)));
                }
                Ok(!self.forgetting.asked.is_empty())
            }
        }
    }

    /// Forgets a person, before it runs; answers once nothing of them is there any more.
    ///
    /// # Errors
    /// Where the store fails. The next start goes on with it then.
    pub fn forget_now(mut self, mut found: Found) -> Result<Result<Report, Rejection>, Error> {
        if self.forgetting.is_under_way() {
            self.finish_forgetting()?;
        }
        if !self.core.state().agenda.is_empty() {
            let message = "the runtime ended in the middle of something".to_owned();
            let help = Some("start it once, and try again: `carapace run`".to_owned());
            return Ok(Err(Rejection { code: "E0969", message, help }));
        }
        if let Err(rejection) = self.decide_to_forget(&mut found)? {
            return Ok(Err(rejection));
        }
        self.finish_forgetting()?;
        Ok(Ok(std::mem::take(&mut self.forgetting.report)))
    }

    /// All of it, one step after the other.
    fn finish_forgetting(&mut self) -> Result<(), Error> {
        if self.core.state().forgettings.is_under_way() {
            self.go_on_in_new_files()?;
            while !self.core.state().is_swept() {
                self.core.rest(self.options.rest_after);
                self.write(self.options.clock.now())?;
            }
            let (line, forgetting) = self.under_way();
            let erased = self.erasing(line, forgetting)()?;
            self.say_that_it_is_done(erased);
            self.write(self.options.clock.now())?;
        }
        self.store.sync()?;
        self.prepare_checkpoint(self.core.state().sequence)()?;
        self.forgetting.stage = Stage::Nothing;
        Ok(())
    }

    /// The next who is asked for, once the engine has nothing else to do: what is on its way inside has arrived then.
    fn begin_with_next(&mut self, busy: bool) -> Result<bool, Error> {
        if busy {
            return Ok(false);
        }
        let Some(Asked { mut found, answer }) = self.forgetting.asked.pop_front() else { return Ok(false) };
        match self.decide_to_forget(&mut found)? {
            Ok(()) => self.forgetting.answer = Some(answer),
            Err(rejection) => {
                // Whoever asked may have stopped waiting.
                let _ = answer.send(Err(rejection));
            }
        }
        Ok(true)
    }

    fn decide_to_forget(&mut self, found: &mut Found) -> Result<Result<(), Rejection>, Error> {
        let now = self.options.clock.now();
        self.write(now)?;
        if let Err(error) = found.trace().go_on(&*self.store, 0) {
            let message = format!("the journal cannot be searched: {error}");
            return Ok(Err(Rejection { code: "E0931", message, help: None }));
        }
        let living = found.living(self.core.state());
        if !living.is_empty() {
            return Ok(Err(Found::too_early(&living, false)));
        }
        let (forgetting, report) = found.forgetting(self.core.state(), now);
        if let Reply::Rejected(rejection) = self.core.submit(now, Input::Forget(Box::new(forgetting))).reply {
            return Ok(Err(rejection));
        }
        self.write(now)?;
        (self.forgetting.report, self.forgetting.stage) = (report, Stage::Begin);
        Ok(Ok(()))
    }

    /// What is written from here on is apart from what was.
    fn go_on_in_new_files(&mut self) -> Result<(), Error> {
        self.write(self.options.clock.now())?;
        self.store.roll(self.epoch)?;
        // The line that says so is durable: nothing refers to what was put away of their sessions any more.
        let gone: Vec<BlobId> =
            self.core.state().sessions.gone().filter_map(|name| name.parse().ok()).collect();
        if !gone.is_empty() {
            self.store.sweep_blobs(self.epoch, &|id| !gone.contains(&id))?;
        }
        self.core.sweep_shelf()?;
        Ok(())
    }

    /// The line that says who is to be forgotten, and what it says.
    fn under_way(&self) -> (u64, Option<Box<Line>>) {
        let under_way = self.core.state().forgettings.under_way.clone();
        under_way.map_or((0, None), |(line, forgetting)| (line, Some(forgetting)))
    }

    fn erasing(
        &mut self,
        line: u64,
        forgetting: Option<Box<Line>>,
    ) -> impl FnOnce() -> Result<Erased, carapace_store::Error> + Send + use<> {
        let write = self.prepare_checkpoint(self.core.state().sequence);
        let (store, epoch) = (self.store.clone(), self.epoch);
        move || {
            write()?;
            forgetting.map_or(Ok(Erased::default()), |forgetting| erase(&*store, epoch, line, &forgetting))
        }
    }

    /// Has a thread do it, in the place of a checkpoint; what comes of it is there once that has ended.
    fn on_thread(
        &mut self,
        work: impl FnOnce() -> Result<Erased, carapace_store::Error> + Send + 'static,
    ) -> Arc<Mutex<Option<Erased>>> {
        let (slot, landed) = (Arc::new(Mutex::new(None)), self.landed.clone());
        let filled = slot.clone();
        self.checkpointing = Some(tokio::task::spawn_blocking(move || {
            let done = work();
            let done = done.map(|erased| {
                filled.lock().unwrap_or_else(PoisonError::into_inner).replace(erased);
            });
            landed.notify_one();
            done
        }));
        slot
    }

    fn say_that_it_is_done(&mut self, erased: Erased) {
        let Erased { records, parts, removed } = erased;
        self.core.submit(self.options.clock.now(), Input::Forgot { records });
        let report = &mut self.forgetting.report;
        (report.records, report.parts, report.removed) = (records, parts, removed);
    }

    /// There was no room for it: after a while there may be.
    fn try_again(&mut self, stage: Stage) -> bool {
        self.forgetting.again = Some(Instant::now() + AGAIN);
        self.forgetting.stage = stage;
        false
    }
}

fn taken(slot: &Mutex<Option<Erased>>) -> Option<Erased> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Puts tombstones in the place of what is theirs, in the whole archive.
fn erase(
    store: &dyn Store,
    epoch: Epoch,
    line: u64,
    forgetting: &Line,
) -> Result<Erased, carapace_store::Error> {
    let mut trace = Trace::begin(forgetting.named.clone(), "", Some(line));
    trace.runs.extend(&forgetting.runs);
    trace.events.extend(&forgetting.events);
    trace.read(store)?;
    let mut eraser = Eraser::new(trace, line);
    let rewritten = store.rewrite_archive(epoch, &mut |line| eraser.change(line), &mut Runs::indexer)?;
    for file in &rewritten.removed {
        tracing::warn!(file = %file.display(), "a part of the archive could not be searched, and is gone");
    }
    let removed = rewritten.removed.iter().map(|file| file.display().to_string()).collect();
    Ok(Erased { records: eraser.records, parts: rewritten.parts, removed })
}
