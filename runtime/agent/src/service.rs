//! The performer of agents as a component.

use crate::act::{Asking, perform};
use crate::models::Models;
use crate::progress::Teller;
use crate::tally::Tally;
use crate::{Embedded, Error, Options, Progress, Toolbox};
use carapace_channel_api::{Secrets, Shutdown};
use carapace_effect::{Act, ActId, Failure, FailureKind, Report, Reported, Usage};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc};
use tokio::task::{AbortHandle, Id, JoinSet};

/// What is asked of it.
#[derive(Debug)]
enum Request {
    Perform(Arc<Act>),
    Abandon(ActId),
}

/// Everything that wakes the loop.
enum Event {
    Asked(Request),
    Performed(Id, Option<Reported>),
    End,
}

/// An act on its way.
struct Going {
    act: Arc<Act>,
    tally: Tally,
    task: AbortHandle,
    /// Nobody waits for it any more.
    left: bool,
}

/// A performer that is not running yet.
pub struct Service {
    models: Arc<Models>,
    toolbox: Arc<dyn Toolbox>,
    teller: Teller,
    requests: mpsc::UnboundedReceiver<Request>,
    reports: mpsc::UnboundedSender<Report>,
}

/// The way in. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    requests: mpsc::UnboundedSender<Request>,
    models: Arc<Models>,
    teller: Teller,
}

impl Handle {
    /// Perform this.
    pub fn perform(&self, act: Arc<Act>) {
        // Where the performer has ended, the act stays started and without an outcome, which is the truth.
        let _ = self.requests.send(Request::Perform(act));
    }

    /// Nobody waits for it any more: the request is broken off. What it has cost up to here is told.
    pub fn abandon(&self, act: ActId) {
        let _ = self.requests.send(Request::Abandon(act));
    }

    /// What models say from now on, while they say it.
    pub fn progress(&self) -> broadcast::Receiver<Progress> {
        self.teller.listen()
    }

    /// What texts mean, as vectors; `model` is `provider/model` or an alias. What that used up is given with it, also where it
    /// failed in the middle.
    ///
    /// # Errors
    /// There is no such model, or it did not answer.
    pub async fn embed(&self, model: &str, texts: &[String]) -> (Result<Embedded, Error>, Vec<Usage>) {
        let tally = Tally::default();
        let embedded = self.models.embed(model, texts, &tally).await;
        (embedded, tally.close())
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Service {
    /// A performer that asks these models. Keys are asked for at each use. What comes of acts goes to `reports`.
    ///
    /// # Errors
    /// A script or a recording that is named cannot be read.
    pub fn new(
        options: Options,
        secrets: &Arc<dyn Secrets>,
        toolbox: Arc<dyn Toolbox>,
        reports: mpsc::UnboundedSender<Report>,
    ) -> Result<(Service, Handle), Error> {
        let models = Arc::new(Models::new(options, secrets)?);
        let teller = Teller::new();
        let (ask, requests) = mpsc::unbounded_channel();
        let handle = Handle { requests: ask, models: models.clone(), teller: teller.clone() };
        Ok((Service { models, toolbox, teller, requests, reports }, handle))
    }

    /// Runs until `shutdown` is requested. What is on its way then is left as it is: it has been started and has no outcome,
    /// and the next start of the runtime asks again.
    pub async fn run(mut self, shutdown: Shutdown) {
        let mut running: JoinSet<Reported> = JoinSet::new();
        let mut going: HashMap<Id, Going> = HashMap::new();
        loop {
            let event = tokio::select! {
                Some(request) = self.requests.recv() => Event::Asked(request),
                Some(performed) = running.join_next_with_id() => match performed {
                    Ok((id, outcome)) => Event::Performed(id, Some(outcome)),
                    Err(e) => Event::Performed(e.id(), None),
                },
                () = shutdown.requested() => Event::End,
            };
            match event {
                Event::Asked(Request::Perform(act)) => {
                    let tally = Tally::default();
                    let task = running.spawn(self.attempt(act.clone(), tally.clone()));
                    going.insert(task.id(), Going { act, tally, task, left: false });
                }
                Event::Asked(Request::Abandon(act)) => {
                    for going in going.values_mut().filter(|going| going.act.id == act) {
                        going.left = true;
                        going.task.abort();
                    }
                }
                Event::Performed(id, outcome) => {
                    if let Some(going) = going.remove(&id) {
                        let outcome = outcome.unwrap_or_else(|| going.broken());
                        self.report(&going, outcome);
                    }
                }
                Event::End => return,
            }
        }
    }

    fn attempt(&self, act: Arc<Act>, tally: Tally) -> impl Future<Output = Reported> + use<> {
        let (models, toolbox, teller) = (self.models.clone(), self.toolbox.clone(), self.teller.clone());
        async move {
            let toolbox = &*toolbox;
            perform(&Asking { act: &act, models: &models, toolbox, tally: &tally, teller: &teller }).await
        }
    }

    fn report(&self, going: &Going, outcome: Reported) {
        let outcome = Reported::Spent(Box::new(outcome), going.tally.close());
        let report = Report { act: going.act.id.clone(), attempt: going.act.attempt, outcome };
        if self.reports.send(report).is_err() {
            tracing::debug!("nobody wants to know any more what a model said");
        }
    }
}

impl Going {
    /// What is known of one whose task ended without an outcome.
    fn broken(&self) -> Reported {
        if self.left {
            return Reported::NotPerformed("nobody waits for it any more".to_owned());
        }
        Reported::Failed(Failure::new(FailureKind::Failed, "asking the model broke down within this runtime"))
    }
}
