//! The loop.

mod forgetting;

use super::archive::{self, History};
use super::doing::Doing;
use super::handle::{Handle, Request};
use super::pending::{Pending, reported};
use super::recovery::take_over;
use super::{Error, Options};
use crate::command::{Command, Input, Rejection, Reply};
use crate::core::{Core, Decided};
use crate::decide::decide;
use crate::forget::Found;
use crate::inspect::Happened;
use crate::record::Record;
use crate::{Event, EventKind, Outgoing, Timer};
use carapace_store::{BlobId, Checkpoint, Epoch, Position, Store, Transaction};
use forgetting::Forgetting;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, broadcast, mpsc, watch};

/// Decisions between two looks at who else wants something.
const TURN: usize = 256;

/// What happened lately and is kept for those who watch, in lines of the journal. Who is further behind reads the journal.
const WATCHED: usize = 1_024;

/// How long the engine sleeps at most: a clock that was set anew is noticed after so long.
const NAP: Duration = Duration::from_secs(5);

/// How long after a failure it is tried again to put turns of sessions away, in milliseconds.
const COMPACT_AGAIN: i64 = 60_000;

/// How long those wait who bring events while too many runs live, in milliseconds.
const BUSY: i64 = 1_000;

/// An engine that has read its journal and is not running yet.
pub struct Service {
    core: Core,
    store: Arc<dyn Store>,
    epoch: Epoch,
    options: Options,
    requests: mpsc::Receiver<Request>,
    durable: watch::Receiver<Result<u64, carapace_store::Error>>,
    pending: Pending,
    doing: Doing,
    /// The last line that the latest checkpoint holds.
    checkpoint: u64,
    /// When a checkpoint was last tried for want of space.
    room_tried: Option<tokio::time::Instant>,
    checkpointing: Option<tokio::task::JoinHandle<Result<(), carapace_store::Error>>>,
    /// When the latest checkpoint was begun, or this.
    checkpointed: i64,
    /// When it was last looked after that nothing is kept for too long.
    shortened: i64,
    /// Who is to be forgotten.
    forgetting: Forgetting,
    /// Told when a thread has ended that did something for the loop.
    landed: Arc<Notify>,
    /// No session is compacted before this.
    compact_after: i64,
    /// How often what is deployed may have changed.
    deploys: Arc<AtomicU64>,
}

/// An engine, the way in, and what it wants done.
pub struct Opened {
    /// To be run.
    pub service: Service,
    /// The way in.
    pub handle: Handle,
    /// What it wants done, in the order of the journal.
    pub outgoing: mpsc::UnboundedReceiver<Outgoing>,
}

/// Everything that wakes the loop.
enum Woken {
    /// Somebody wants something.
    Asked(Request),
    /// More is durable, or the journal failed.
    Durable,
    /// Something may be due.
    Due,
    /// It shall end.
    End,
}

impl Service {
    /// Takes the journal over and reads it.
    ///
    /// # Errors
    /// Where the journal cannot be had, read or understood.
    pub fn open(store: Arc<dyn Store>, options: Options) -> Result<Opened, Error> {
        let epoch = store.lease()?;
        let mut state = take_over(&*store, options.loader)?;
        state.modules_kept = true;
        state.breaks_loops = options.break_loops;
        let checkpoint = store.read_checkpoint()?.map_or(0, |checkpoint| checkpoint.at.0);
        let forgetting = Forgetting::left_behind(&state, checkpoint);
        let (told, durable) = watch::channel(Ok(store.durable().0));
        store.on_durable(Box::new(move |result| {
            let durable = result.map(|position| position.0).map_err(Clone::clone);
            // What was known before is of no more interest.
            drop(told.send_replace(durable));
        }));
        let (ask, requests) = mpsc::channel(options.intake);
        let (out, outgoing) = mpsc::unbounded_channel();
        let (watched, _) = broadcast::channel(WATCHED);
        let watching = watched.downgrade();
        let journal = Arc::downgrade(&store);
        let service = Service {
            core: Core::of(state, seed()?),
            doing: Doing::new(store.clone()),
            checkpointed: options.clock.now(),
            store,
            epoch,
            requests,
            durable,
            pending: Pending::new(out, watched),
            options,
            checkpoint,
            room_tried: None,
            checkpointing: None,
            shortened: i64::MIN,
            forgetting,
            landed: Arc::default(),
            compact_after: i64::MIN,
            deploys: Arc::default(),
        };
        let handle = Handle::new(ask, journal, service.deploys.clone(), watching);
        Ok(Opened { service, handle, outgoing })
    }

    /// What it knows, before it runs.
    pub fn state(&self) -> &crate::State {
        self.core.state()
    }

    /// What there is of a person, as they were typed.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn find(&self, typed: &str) -> Result<Found, Error> {
        Found::look(&*self.store, self.options.loader, typed)
    }

    /// Decides something before it runs: what is deployed here is what the runtime comes up with.
    pub fn prepare(&mut self, input: Input) -> Reply {
        self.decide(input).reply
    }

    /// Makes what was prepared durable, and ends: for whoever only wants to change what the next runtime comes up with.
    ///
    /// # Errors
    /// Where the journal fails.
    pub fn commit(mut self) -> Result<(), Error> {
        self.write(self.options.clock.now())?;
        self.store.sync()?;
        Ok(())
    }

    /// Removes modules from the store that nobody needs any more, and writes that down; gives how many.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn sweep(&mut self) -> Result<u64, Error> {
        let modules: Vec<Arc<str>> = self.core.state().deployments.unneeded().cloned().collect();
        if modules.is_empty() {
            return Ok(0);
        }
        self.write(self.options.clock.now())?;
        self.store.sync()?;
        let gone: Vec<BlobId> = modules.iter().filter_map(|name| name.parse().ok()).collect();
        let swept = self.store.sweep_blobs(self.epoch, &|id| !gone.contains(&id))?;
        self.core.submit(self.options.clock.now(), Input::Swept { modules });
        Ok(swept)
    }

    /// Runs until `shutdown` is ready or the journal fails; then lets acts in flight land, for a while, and leaves a
    /// checkpoint behind.
    ///
    /// # Errors
    /// Where the journal fails. Nothing was told to anybody that is not durable.
    pub async fn run(mut self, shutdown: impl Future<Output = ()> + Send) -> Result<(), Error> {
        let ended = self.go_on(shutdown).await;
        if let Some(running) = self.checkpointing.take() {
            // Whoever hears of the end may open the journal again. What ended it is told already.
            let _ = running.await;
        }
        ended
    }

    async fn go_on(&mut self, shutdown: impl Future<Output = ()> + Send) -> Result<(), Error> {
        let mut shutdown = std::pin::pin!(shutdown);
        let now = self.options.clock.now();
        self.look_back(now)?;
        self.core.recover(now);
        self.core.event(now, started());
        loop {
            let more = self.turn().await?;
            if more {
                // Others of the process want to be heard, too.
                tokio::task::yield_now().await;
                self.drain_requests();
                continue;
            }
            match self.next(shutdown.as_mut()).await {
                Woken::Asked(request) => {
                    self.take(request);
                    self.drain_requests();
                }
                Woken::Durable | Woken::Due => {}
                Woken::End => break,
            }
        }
        self.end().await
    }

    /// Goes on with what can be done now; says whether there is more of it.
    async fn turn(&mut self) -> Result<bool, Error> {
        let now = self.options.clock.now();
        let mut more = true;
        for _ in 0..TURN {
            more = self.step(now)?;
            if !more {
                break;
            }
        }
        self.doing.set(None);
        self.compact(now);
        self.write(now)?;
        self.release()?;
        self.core.rest(self.options.rest_after);
        self.checkpoint().await?;
        Ok(self.forget(more)? || more)
    }

    /// Does one thing, and leaves word of whose turn it is: the process may not be there afterwards.
    fn step(&mut self, now: i64) -> Result<bool, Error> {
        let run = self.core.next_run();
        if run.is_some() && self.doing.is_careful(now) {
            self.write(now)?;
            self.store.sync()?;
        }
        self.doing.set(run);
        Ok(self.core.step(now))
    }

    /// Counts it against a run that the process before this one ended while it carried it out. That is durable before
    /// the run is carried out again.
    fn look_back(&mut self, now: i64) -> Result<(), Error> {
        let Some(run) = self.doing.left_behind() else { return Ok(()) };
        if self.core.state().runs.get(run).is_some() {
            tracing::warn!(%run, "the runtime ended while it carried this run out");
            self.core.submit(now, Input::Crashed { run });
            self.write(now)?;
            self.store.sync()?;
        } else {
            self.doing.be_careful(now);
        }
        self.doing.set(None);
        Ok(())
    }

    /// Puts the older turns of long sessions away: they are durable before the line that says where they are. Where the store
    /// takes nothing now, they stay where they are, and it is tried again later.
    fn compact(&mut self, now: i64) {
        while now >= self.compact_after
            && let Some((session, through, turns)) = self.core.state().sessions.to_put_away()
        {
            match self.store.put_blob(&turns) {
                Ok(archive) => {
                    let archive = archive.to_string().into();
                    self.core.submit(now, Input::Compact { session, through, archive });
                }
                Err(error) => {
                    tracing::warn!(%error, "the older turns of a session cannot be put away");
                    self.compact_after = now.saturating_add(COMPACT_AGAIN);
                }
            }
        }
    }

    /// Puts what was decided into the journal's queue.
    fn write(&mut self, now: i64) -> Result<(), Error> {
        if let Some(failure) = self.core.state().failure() {
            // What was decided since may rest on a run that could not be read: none of it is written down.
            return Err(failure.clone().into());
        }
        let lines = self.core.take_lines();
        if lines.is_empty() {
            return Ok(());
        }
        let after = self.core.state().sequence.saturating_sub(lines.len() as u64);
        let batch = lines.iter().map(|line| transaction(now, line)).collect::<Result<Vec<_>, _>>()?;
        self.store.append(self.epoch, Position(after), &batch)?;
        if self.pending.is_watched() {
            for (seq, line) in (after.saturating_add(1)..).zip(&lines) {
                if let Some(happened) = Happened::of(seq, now, line) {
                    self.pending.tell(happened);
                }
            }
        }
        Ok(())
    }

    /// Lets out what is durable.
    fn release(&mut self) -> Result<(), Error> {
        let durable = self.durable.borrow_and_update().clone()?;
        let outgoing = self.core.take_outgoing(durable);
        self.pending.release(durable, outgoing);
        if self.pending.is_waited_for() && durable >= self.core.state().sequence && self.is_at_rest() {
            self.pending.tell_rest();
        }
        Ok(())
    }

    fn is_at_rest(&self) -> bool {
        let resends =
            || self.core.state().timers.iter().any(|(_, timer)| matches!(timer, Timer::Resend { .. }));
        let sends = self.core.state().outbox.is_moving();
        self.pending.at_rest() && !self.has_work() && !resends() && !sends
    }

    fn has_work(&self) -> bool {
        self.core.next_due().is_some_and(|due| due <= self.options.clock.now())
    }

    fn take(&mut self, request: Request) {
        if let Some(act) = reported(&request) {
            self.pending.landed(act);
        }
        match request {
            Request::Submit { input, answer } => {
                let decided = self.decide(input);
                if let Some(answer) = answer {
                    self.pending.answer(answer, decided);
                }
            }
            Request::Settled(answer) => self.pending.wait_for_rest(answer),
            Request::Look(look) => look(self.core.state()),
            Request::Choose { history, break_loops } => {
                self.options.history = history;
                self.core.break_loops(break_loops);
            }
            Request::Sweep(answer) => {
                let swept = self.sweep().map_err(|error| error.to_string());
                // Whoever asked may have stopped waiting.
                let _ = answer.send(swept);
            }
            Request::Forget(asked) => self.forgetting.ask(asked),
        }
    }

    fn decide(&mut self, input: Input) -> Decided {
        let state = self.core.state();
        let full = state.runs.len() >= self.options.runs
            || state.outbox.len() >= self.options.outbox
            || self.store.is_low();
        // Whoever stops something makes room.
        let refused = |event| !crate::decide::stops(state, event);
        if full && matches!(&input, Input::Event(event) if refused(event)) {
            return Decided::nothing(Reply::Busy(BUSY));
        }
        let modules: Vec<Arc<[u8]>> = match &input {
            Input::Deploy(deploy) => vec![deploy.module.clone()],
            Input::DeployAll(deploys) => deploys.iter().map(|deploy| deploy.module.clone()).collect(),
            _ => Vec::new(),
        };
        if !modules.is_empty()
            && let Some(rejection) = self.keep_modules(&input, &modules)
        {
            return Decided::nothing(Reply::Rejected(rejection));
        }
        let deploys = matches!(
            input,
            Input::Deploy(_)
                | Input::DeployAll(_)
                | Input::Withdraw { .. }
                | Input::Rollback { .. }
                | Input::Collect { .. }
        );
        let decided = self.core.submit(self.options.clock.now(), input);
        if deploys {
            self.deploys.fetch_add(1, Ordering::Release);
        }
        decided
    }

    /// Keeps the modules of a deploy before its line, which only names them. What is refused leaves nothing behind.
    fn keep_modules(&self, input: &Input, modules: &[Arc<[u8]>]) -> Option<Rejection> {
        let command = Command { now: self.options.clock.now(), entropy: [0; 2], input: input.clone() };
        if let Reply::Rejected(rejection) = decide(self.core.state(), command).reply {
            return Some(rejection);
        }
        modules.iter().find_map(|module| self.store.put_blob(module).err()).map(|error| Rejection {
            code: "E0931",
            message: format!("the module cannot be kept: {error}"),
            help: None,
        })
    }

    fn drain_requests(&mut self) {
        for _ in 0..TURN {
            let Ok(request) = self.requests.try_recv() else { return };
            self.take(request);
        }
    }

    async fn next(&mut self, shutdown: std::pin::Pin<&mut (impl Future<Output = ()> + Send)>) -> Woken {
        let due = self.core.next_due();
        let nap = due.map_or(NAP, |due| {
            let left = due.saturating_sub(self.options.clock.now());
            Duration::from_millis(u64::try_from(left).unwrap_or_default()).min(NAP)
        });
        tokio::select! {
            Some(request) = self.requests.recv() => Woken::Asked(request),
            Ok(()) = self.durable.changed() => Woken::Durable,
            () = self.landed.notified() => Woken::Due,
            () = tokio::time::sleep(nap) => Woken::Due,
            () = shutdown => Woken::End,
        }
    }

    /// Begins a checkpoint when enough was written since the last, and takes note of one that was finished.
    async fn checkpoint(&mut self) -> Result<(), Error> {
        if let Some(running) = self.checkpointing.take_if(|running| running.is_finished()) {
            finished(running.await)?;
        }
        let at = self.core.state().sequence;
        let since = at.saturating_sub(self.checkpoint);
        let now = self.options.clock.now();
        let old = since > 0 && now.saturating_sub(self.checkpointed) >= archive::LATEST;
        let grown = since >= self.options.checkpoint_lines;
        let free = self.checkpointing.is_none() && !self.forgetting.is_under_way();
        if free && (old || grown || self.makes_room()) {
            self.checkpointing = Some(self.write_checkpoint(at));
        }
        if self.checkpointing.is_none() && now.saturating_sub(self.shortened) >= archive::EVERY {
            self.shortened = now;
            let history = History::of(self.options.history);
            let (store, epoch) = (self.store.clone(), self.epoch);
            self.checkpointing =
                Some(tokio::task::spawn_blocking(move || history.shorten(&*store, epoch, now)));
        }
        Ok(())
    }

    /// Whether it is time to try whether a checkpoint frees space on a disk that is full.
    fn makes_room(&mut self) -> bool {
        let now = tokio::time::Instant::now();
        if !self.store.is_low() || self.room_tried.is_some_and(|tried| now < tried + NAP) {
            return false;
        }
        self.room_tried = Some(now);
        true
    }

    fn write_checkpoint(&mut self, at: u64) -> tokio::task::JoinHandle<Result<(), carapace_store::Error>> {
        let written = self.prepare_checkpoint(at);
        tokio::task::spawn_blocking(written)
    }

    /// What a thread does to write a checkpoint, and to put away what it holds.
    fn prepare_checkpoint(
        &mut self,
        at: u64,
    ) -> impl FnOnce() -> Result<(), carapace_store::Error> + Send + use<> {
        self.checkpoint = at;
        let checkpoint = Checkpoint { at: Position(at), state: self.core.checkpoint() };
        let first = self.core.state().first_meant();
        let (store, epoch) = (self.store.clone(), self.epoch);
        let (history, now) = (History::of(self.options.history), self.options.clock.now());
        self.checkpointed = now;
        move || {
            store.write_checkpoint(epoch, &checkpoint)?;
            history.put_away(&*store, epoch, checkpoint.at, now)?;
            first.map_or(Ok(()), |first| store.shelf().drop_before(first))
        }
    }

    /// Nothing new is taken in any more: acts in flight may land, and what they lead to is written down.
    async fn end(&mut self) -> Result<(), Error> {
        let deadline = tokio::time::Instant::now() + self.options.drain;
        self.pending.stop_telling();
        loop {
            let more = self.turn().await?;
            let durable = self.durable.borrow().clone()?;
            if !more && self.pending.at_rest() && durable >= self.core.state().sequence {
                break;
            }
            if more {
                continue;
            }
            tokio::select! {
                Some(request) = self.requests.recv() => self.take(request),
                Ok(()) = self.durable.changed() => {}
                () = tokio::time::sleep_until(deadline) => break,
            }
        }
        if let Some(running) = self.checkpointing.take() {
            finished(running.await)?;
        }
        let at = self.core.state().sequence;
        self.pending.tell_rest();
        if at > self.checkpoint {
            // What waits is found on the shelf by the next start, quicker than in a checkpoint.
            self.core.rest(0);
            finished(self.write_checkpoint(at).await)?;
        }
        Ok(())
    }
}

fn finished(
    result: Result<Result<(), carapace_store::Error>, tokio::task::JoinError>,
) -> Result<(), carapace_store::Error> {
    match result {
        // The one before it stays the truth; those who bring something new are refused until there is room.
        Ok(Err(error)) if error.is_full() => {
            tracing::warn!(%error, "no room for a checkpoint");
            Ok(())
        }
        Ok(result) => result,
        // The thread reported its panic; the journal is as it was.
        Err(_) => Ok(()),
    }
}

fn transaction(now: i64, line: &[Record]) -> Result<Transaction, Error> {
    Transaction::of(now, line).map_err(Error::Unwritable)
}

fn started() -> Event {
    Event { kind: EventKind::Started, origin: None, at: None, fields: serde_json::Map::new() }
}

fn seed() -> Result<[u64; 2], Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(Error::NoEntropy)?;
    let bits = u128::from_le_bytes(bytes);
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
    Ok([bits as u64, (bits >> 64) as u64])
}
