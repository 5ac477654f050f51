//! The performer of `std/http` as a component.

use super::call::{call, method};
use super::report::reported;
use crate::{Client, Method};
use carapace_channel_api::{ExposeSecret as _, SecretError, SecretString, Secrets, Shutdown};
use carapace_effect::{Act, ActId, Failure, FailureKind, Report, Reported};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
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
    task: AbortHandle,
    /// Nobody waits for it any more.
    left: bool,
}

/// A performer that is not running yet.
pub struct Service {
    client: Arc<Client>,
    secrets: Arc<dyn Secrets>,
    requests: mpsc::UnboundedReceiver<Request>,
    reports: mpsc::UnboundedSender<Report>,
}

/// The way in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    requests: mpsc::UnboundedSender<Request>,
}

impl Handle {
    /// Perform this.
    pub fn perform(&self, act: Arc<Act>) {
        // Where the performer has ended, the act stays started and without an outcome, which is the truth.
        let _ = self.requests.send(Request::Perform(act));
    }

    /// Nobody waits for it any more. What only reads is left; anything else, once it is on its way, goes to its end: what
    /// became of it is told, so that it can be taken back.
    pub fn abandon(&self, act: ActId) {
        let _ = self.requests.send(Request::Abandon(act));
    }
}

impl Service {
    /// A performer that asks through this client. What comes of acts goes to `reports`.
    pub fn new(
        client: Arc<Client>,
        secrets: Arc<dyn Secrets>,
        reports: mpsc::UnboundedSender<Report>,
    ) -> (Service, Handle) {
        let (ask, requests) = mpsc::unbounded_channel();
        (Service { client, secrets, requests, reports }, Handle { requests: ask })
    }

    /// Runs until `shutdown` is requested. What is on its way then is left as it is: it has been started and has no outcome,
    /// and the next start of the runtime decides what that means.
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
                    let attempt = attempt(self.client.clone(), self.secrets.clone(), act.clone());
                    let task = running.spawn(attempt);
                    going.insert(task.id(), Going { act, task, left: false });
                }
                Event::Asked(Request::Abandon(act)) => {
                    let left = going.values_mut().find(|going| going.act.id == act && going.reads());
                    if let Some(going) = left {
                        going.left = true;
                        going.task.abort();
                    }
                }
                Event::Performed(id, outcome) => {
                    if let Some(going) = going.remove(&id) {
                        let outcome = outcome.unwrap_or_else(|| going.broken());
                        self.report(&going.act, outcome);
                    }
                }
                Event::End => return,
            }
        }
    }

    fn report(&self, act: &Act, outcome: Reported) {
        let report = Report { act: act.id.clone(), attempt: act.attempt, outcome };
        if self.reports.send(report).is_err() {
            tracing::debug!("nobody wants to know any more what came of a request");
        }
    }
}

impl Going {
    fn reads(&self) -> bool {
        method(&self.act) == Some(Method::GET)
    }

    /// What is known of one whose task ended without an outcome.
    fn broken(&self) -> Reported {
        if self.left {
            return Reported::NotPerformed("nobody waits for it any more".to_owned());
        }
        let message = "the request broke down within this runtime".to_owned();
        if self.reads() {
            return Reported::Failed(Failure::new(FailureKind::Failed, message));
        }
        Reported::Unknown(message)
    }
}

async fn attempt(client: Arc<Client>, secrets: Arc<dyn Secrets>, act: Arc<Act>) -> Reported {
    let unavailable = |message: String| Reported::Failed(Failure::new(FailureKind::Unavailable, message));
    let Some((mut call, secret)) = call(&act) else {
        let effect = format!("{}@{}", act.request.effect, act.request.version);
        return unavailable(format!("this runtime does not know `{effect}`, or not with these arguments"));
    };
    if let Some(name) = secret {
        match look_up(secrets, name.to_owned()).await {
            Ok(secret) => call.token = Some(secret),
            Err(e) => return unavailable(e.to_string()),
        }
    }
    let token = call.token.clone();
    let method = call.method.clone();
    let came = client.call(call).await;
    reported(&method, came, token.as_ref().map(|token| token.expose_secret()))
}

/// The place where secrets lie may take its time: it is not waited for on a thread that others need.
async fn look_up(secrets: Arc<dyn Secrets>, name: String) -> Result<SecretString, SecretError> {
    let looked = tokio::task::spawn_blocking(move || secrets.get(&name)).await;
    looked
        .unwrap_or_else(|_| Err(SecretError::Unavailable { message: "looking one up broke down".to_owned() }))
}
