//! Asking an agent: a run is started, and whoever hangs up has it cancelled.

use super::agents::{Agent, find};
use super::answer::{Answer, Used};
use super::asked::Asked;
use super::ends::{Ends, Told};
use super::models::Delta;
use super::service::OpenAi;
use super::trouble::Trouble;
use crate::auth::Caller;
use axum::http::StatusCode;
use carapace_effect::RunId;
use carapace_engine::inspect::{end_in, end_of};
use carapace_engine::service::{Gone, Handle};
use carapace_engine::stored::End;
use carapace_engine::{Input, Rejection, Reply};
use carapace_module::json::to_json;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};

/// How it stands in the audit log.
pub(super) const ASK: &str = "models.ask";

/// A run that answers a request. Dropped before its end, it is cancelled.
#[derive(Debug)]
pub(super) struct Running {
    /// Its id.
    pub(super) run: RunId,
    /// The model's name, as it was asked for.
    pub(super) model: String,
    /// When it was asked, in seconds since 1970 UTC.
    pub(super) created: u64,
    agent: Agent,
    flow: Arc<str>,
    engine: Handle,
    ends: Ends,
    told: mpsc::UnboundedReceiver<Told>,
    over: bool,
}

/// What comes of a run.
#[derive(Debug)]
pub(super) enum Next {
    /// A model said this.
    Said(Arc<Delta>),
    /// Some of what was said is lost.
    Lost,
    /// It is over.
    Ended(Result<Answer, Trouble>),
}

impl OpenAi {
    /// Asks an agent, for somebody who may.
    pub(super) async fn ask(&self, caller: &Caller, asked: Asked) -> Result<Running, Trouble> {
        let (flow, model) = (self.flow().clone(), asked.model.clone());
        let wanted = (flow.clone(), model.clone());
        let agent = self.engine().look(move |state| find(state, &wanted.0, &wanted.1)).await??;
        self.ready().await?;
        self.listen().await?;
        let arguments = Map::from_iter([
            ("agent".to_owned(), Json::from(&*agent.name)),
            ("message".to_owned(), Json::from(asked.message)),
            ("request".to_owned(), Json::Object(asked.request)),
        ]);
        let (engine, ends) = (self.engine().clone(), self.ends().clone());
        let on = agent.model.clone();
        let (tell, told) = oneshot::channel();
        // On its own: whoever hangs up meanwhile leaves no run behind that nobody knows of.
        tokio::spawn(async move {
            let input = Input::Invoke { package: agent.package.clone(), flow: flow.clone(), arguments };
            let started = match engine.submit(input).await {
                Ok(decided) => started(decided.reply),
                Err(gone) => Err(gone.into()),
            };
            let running = started.map(|run| {
                let told = ends.of(run);
                Running { run, model, created: now(), agent, flow, engine, ends, told, over: false }
            });
            // What is not taken is dropped, and so cancelled.
            let _ = tell.send(running);
        });
        let running = told.await.unwrap_or_else(|_| Err(Gone.into()));
        self.note(caller, ASK, on, running.as_ref().map(|_| ())).await;
        running
    }
}

fn started(reply: Reply) -> Result<RunId, Trouble> {
    match reply {
        Reply::Started(run) => Ok(run),
        Reply::Rejected(Rejection { message, .. }) => Err(Trouble::unfit("", message)),
        _ => Err(Trouble::busy()),
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Running {
    /// What comes next.
    pub(super) async fn next(&mut self) -> Next {
        loop {
            return match self.told.recv().await {
                Some(Told::Said(delta)) if delta.agent != self.agent.name => continue,
                Some(Told::Said(delta)) => Next::Said(delta),
                Some(Told::Lost) => Next::Lost,
                Some(Told::Ended { seq, used }) => {
                    self.over = true;
                    let answer = self.answer(seq, used).await;
                    Next::Ended(answer.map_err(
                        |trouble| {
                            if self.agent.acts { trouble.acted() } else { trouble }
                        },
                    ))
                }
                None => {
                    self.over = true;
                    Next::Ended(Err(Gone.into()))
                }
            };
        }
    }

    /// The answer, for whoever waits for nothing else.
    pub(super) async fn end(mut self, caller: &Caller) -> Result<Answer, Trouble> {
        loop {
            let next = tokio::select! {
                next = self.next() => next,
                () = caller.over() => {
                    let why = "the token counts no longer";
                    return Err(Trouble::refused(StatusCode::UNAUTHORIZED, "E1022", why, None));
                }
            };
            if let Next::Ended(answer) = next {
                return answer;
            }
        }
    }

    async fn answer(&self, seq: u64, used: Used) -> Result<Answer, Trouble> {
        let run = self.run;
        let end = match self.engine.look(move |state| end_of(state, run)).await? {
            Some(end) => Some(end),
            // So many ended meanwhile that the state does not know it any more.
            None => self.engine.read(move |journal, _| end_in(journal, run, seq)).await?.unwrap_or_else(|error| {
                tracing::warn!(%error, %run, "the journal cannot be read for somebody who waits for a run");
                None
            }),
        };
        let told =
            |message: String| Trouble::ended(message).help(format!("`carapace runs show {run}` tells more"));
        match end {
            Some(End::Succeeded(value)) => {
                let deployment = &self.agent.deployment;
                let (Some(flow), Ok(code)) = (deployment.flow(&self.flow), &deployment.code) else {
                    return Err(told("the program that answered is not there any more".to_owned()));
                };
                let json = to_json(&value.0, &flow.result, &code.module().types);
                let json = json.map_err(|error| told(format!("the answer cannot be read: {error}")))?;
                Answer::read(&json, used)
            }
            Some(End::Failed(failure)) => Err(Trouble::failed(&failure)),
            Some(End::Cancelled(why)) => Err(told(format!("the run was cancelled: {why}"))),
            Some(End::Fault(why)) => Err(told(format!("the run broke a rule: {why}"))),
            None => Err(told("the run is left alone".to_owned())),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.ends.forget(self.run);
        if self.over {
            return;
        }
        let (engine, run) = (self.engine.clone(), self.run);
        // Where nothing can be started any more, everything ends anyhow.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let reason = "whoever asked hung up".into();
                // An error says that the engine ended.
                let _ = engine.submit(Input::Cancel { run, reason }).await;
            });
        }
    }
}
