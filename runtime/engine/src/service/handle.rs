//! The way in to an engine.

use super::forget::Asked;
use crate::command::{Input, Receipt, Reply};
use crate::core::Decided;
use crate::inspect::{Happened, Happenings, History, happened, history};
use crate::record::Previewed;
use crate::state::{Deployments, State};
use crate::{Deploy, Event, Report};
use carapace_effect::RunId;
use carapace_store::Store;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};

/// Something that is asked of a running engine: a closed set.
pub(super) enum Request {
    /// Decide this; answer once the line is durable.
    Submit { input: Input, answer: Option<oneshot::Sender<Decided>> },
    /// Answer once everything has come to rest.
    Settled(oneshot::Sender<()>),
    /// Look at the state.
    Look(Box<dyn FnOnce(&State) + Send>),
    /// Remove from the store what nobody needs any more; answer how many.
    Sweep(oneshot::Sender<Result<u64, String>>),
    /// Keep what was for so long, and break loops or not, from here on.
    Choose { history: Duration, break_loops: bool },
    /// Forget a person; answer once nothing of them is there any more.
    Forget(Asked),
}

/// The way in to an engine. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    requests: mpsc::Sender<Request>,
    /// Weak, so that a handle somebody still has keeps no data directory locked.
    journal: Weak<dyn Store>,
    deploys: Arc<AtomicU64>,
    watched: broadcast::WeakSender<Arc<Happened>>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle")
    }
}

/// The engine has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the engine has ended")]
pub struct Gone;

impl Handle {
    pub(super) fn new(
        requests: mpsc::Sender<Request>,
        journal: Weak<dyn Store>,
        deploys: Arc<AtomicU64>,
        watched: broadcast::WeakSender<Arc<Happened>>,
    ) -> Handle {
        Handle { requests, journal, deploys, watched }
    }

    /// How often what is deployed may have changed since the start: whoever remembers something of it asks again when this is
    /// another number.
    pub fn deploys(&self) -> u64 {
        self.deploys.load(Ordering::Acquire)
    }

    /// Watches what happens from here on, as it becomes durable. Who is slow is told that it missed some, which
    /// [`Handle::happened`] has; who watches while the engine ends is told that.
    ///
    /// # Errors
    /// [`Gone`].
    pub fn watch(&self) -> Result<broadcast::Receiver<Arc<Happened>>, Gone> {
        self.watched.upgrade().map(|watched| watched.subscribe()).ok_or(Gone)
    }

    /// What happened after a line of the journal, at most `most` lines of it; read beside the engine.
    ///
    /// # Errors
    /// Where the journal cannot be read; that the engine has ended is its [`Gone`].
    pub async fn happened(
        &self,
        after: u64,
        most: usize,
    ) -> Result<Result<Happenings, carapace_store::Error>, Gone> {
        self.read(move |journal, _| happened(journal, after, most)).await
    }

    /// Decides, and returns once what was decided is durable.
    ///
    /// # Errors
    /// [`Gone`] when the engine ended before that: whether it was decided is then for the journal to say.
    pub async fn submit(&self, input: Input) -> Result<Decided, Gone> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Submit { input, answer: Some(answer) }).await?;
        answered.await.map_err(|_| Gone)
    }

    /// Something happened.
    ///
    /// # Errors
    /// As [`Handle::submit`].
    pub async fn event(&self, event: Event) -> Result<Decided, Gone> {
        self.submit(Input::Event(Box::new(event))).await
    }

    /// Deploys.
    ///
    /// # Errors
    /// As [`Handle::submit`]; that it was turned down is told by the reply.
    pub async fn deploy(&self, deploy: Deploy) -> Result<Reply, Gone> {
        Ok(self.submit(Input::Deploy(Box::new(deploy))).await?.reply)
    }

    /// Takes a package out: it gets no new events, and its runs go on.
    ///
    /// # Errors
    /// As [`Handle::submit`].
    pub async fn withdraw(&self, package: Arc<str>) -> Result<Reply, Gone> {
        Ok(self.submit(Input::Withdraw { package }).await?.reply)
    }

    /// A performer says what came of an act. Returns before that is durable: nobody hangs on it.
    ///
    /// # Errors
    /// [`Gone`]; a later start finds the act without an outcome.
    pub async fn report(&self, report: Report) -> Result<(), Gone> {
        self.ask(Request::Submit { input: Input::Report(Box::new(report)), answer: None }).await
    }

    /// A channel says whether it hears.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn channel(&self, account: Arc<str>, caught_up: bool) -> Result<(), Gone> {
        self.ask(Request::Submit { input: Input::Channel { account, caught_up }, answer: None }).await
    }

    /// A message shows an answer that is not finished, or does not any more. Nobody hangs on it.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn previewed(&self, previewed: Previewed) -> Result<(), Gone> {
        self.ask(Request::Submit { input: Input::Previewed(previewed), answer: None }).await
    }

    /// A platform says how far a message got. Nobody hangs on it.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn receipt(&self, receipt: Receipt) -> Result<(), Gone> {
        self.ask(Request::Submit { input: Input::Receipt(receipt), answer: None }).await
    }

    /// Returns once everything has come to rest: every run waits or is finished, every act has its outcome, and all
    /// of it is durable. Returns as well when the engine ends.
    pub async fn settled(&self) {
        let (answer, answered) = oneshot::channel();
        if self.ask(Request::Settled(answer)).await.is_ok() {
            // An error says that the engine ended; nothing more will come to rest then.
            let _ = answered.await;
        }
    }

    /// Asks the state, between two decisions: `look` must be quick.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&State) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let (answer, answered) = oneshot::channel();
        let look = move |state: &State| {
            // Whoever asked may have stopped waiting.
            let _ = answer.send(look(state));
        };
        self.ask(Request::Look(Box::new(look))).await?;
        answered.await.map_err(|_| Gone)
    }

    /// Removes modules from the store that nobody needs any more; gives how many. The engine waits meanwhile.
    ///
    /// # Errors
    /// Why the store could not do it; that the engine has ended is its [`Gone`].
    pub async fn sweep(&self) -> Result<Result<u64, String>, Gone> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Sweep(answer)).await?;
        answered.await.map_err(|_| Gone)
    }

    /// From here on what was is kept for so long, and those who only answer us are stopped, or not.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn choose(&self, history: Duration, break_loops: bool) -> Result<(), Gone> {
        self.ask(Request::Choose { history, break_loops }).await
    }

    /// What a run went through. Reads the whole journal, beside the engine.
    ///
    /// # Errors
    /// Where the journal cannot be read; that the engine has ended is its [`Gone`].
    pub async fn history(&self, run: RunId) -> Result<Result<History, carapace_store::Error>, Gone> {
        self.read(move |journal, deployments| history(journal, run, deployments)).await
    }

    /// Reads the journal, beside the engine, knowing what is deployed.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Store, &Deployments) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let deployments = self.look(|state| state.deployments.clone()).await?;
        let journal = self.journal.upgrade().ok_or(Gone)?;
        let reading = tokio::task::spawn_blocking(move || read(&*journal, &deployments));
        reading.await.map_err(|_| Gone)
    }

    /// The last line that survives a power loss.
    ///
    /// # Errors
    /// [`Gone`].
    pub fn durable(&self) -> Result<u64, Gone> {
        Ok(self.journal.upgrade().ok_or(Gone)?.durable().0)
    }

    pub(super) async fn ask(&self, request: Request) -> Result<(), Gone> {
        self.requests.send(request).await.map_err(|_| Gone)
    }
}
