//! Asking an agent: a run is started, and whoever hangs up has it cancelled.

use super::agents::{Agent, find};
use super::answer::{Answer, Used};
use super::asked::Asked;
use super::ends::Told;
use super::models::Delta;
use super::once::{Began, Claim, Claimed, Once, Outcome};
use super::service::OpenAi;
use super::trouble::Trouble;
use crate::auth::Caller;
use axum::http::StatusCode;
use carapace_effect::RunId;
use carapace_engine::inspect::{end_in, end_of};
use carapace_engine::service::Gone;
use carapace_engine::stored::End;
use carapace_engine::{Input, Rejection, Reply, State};
use carapace_module::Value;
use carapace_module::json::to_json;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};

/// How it stands in the audit log.
pub(super) const ASK: &str = "models.ask";

/// A run that answers a request. Dropped before its end, it is cancelled; one whose request may be sent again goes on.
#[derive(Debug)]
pub(super) struct Running {
    /// Its id.
    pub(super) run: RunId,
    /// The model's name, as it was asked for.
    pub(super) model: String,
    /// When it was asked, in seconds since 1970 UTC.
    pub(super) created: u64,
    /// Whether the request was answered before: nothing new comes of it.
    pub(super) again: bool,
    from: From,
}

/// Where an answer comes from.
#[derive(Debug)]
enum From {
    /// A run, as it goes on.
    Run(Box<Follow>),
    /// It was given before; until it is told.
    Known(Option<Outcome>),
}

/// One who follows a run to its end.
#[derive(Debug)]
struct Follow {
    run: RunId,
    agent: Agent,
    api: OpenAi,
    told: mpsc::UnboundedReceiver<Told>,
    /// The line that says that it ended, and what it has used up.
    ended: Option<(u64, Used)>,
    /// For a request that may be sent again.
    claim: Option<Claim>,
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
    Ended(Outcome),
}

impl OpenAi {
    /// Asks an agent, for somebody who may. With `once`, a request that was sent before is not done again.
    pub(super) async fn ask(
        &self,
        caller: &Caller,
        asked: Asked,
        once: Option<Once>,
    ) -> Result<Running, Trouble> {
        let claim = match once {
            None => None,
            Some(once) => match self.claims().claim(self.kept(), once, self.now()).await? {
                Claimed::New(claim) => Some(claim),
                Claimed::Begun(claim, began) => return self.go_on(claim, began).await,
                Claimed::Over(began, outcome) => {
                    let Began { run, created, model } = began;
                    return Ok(Running {
                        run,
                        model,
                        created,
                        again: true,
                        from: From::Known(Some(outcome)),
                    });
                }
            },
        };
        let model = asked.model.clone();
        let agent = self.agent(&model).await?;
        self.ready().await?;
        self.listen().await?;
        let arguments = Map::from_iter([
            ("agent".to_owned(), Json::from(&*agent.name)),
            ("message".to_owned(), Json::from(asked.message)),
            ("request".to_owned(), Json::Object(asked.request)),
        ]);
        let (api, on, by) = (self.clone(), agent.model.clone(), caller.name.clone());
        let (tell, told) = oneshot::channel();
        // On its own: whoever hangs up meanwhile leaves no run behind that nobody knows of.
        tokio::spawn(async move {
            // What is not taken is dropped, and so cancelled.
            let _ = tell.send(api.begin(by, agent, arguments, (model, claim)).await);
        });
        let running = told.await.unwrap_or_else(|_| Err(Gone.into()));
        self.note(caller, ASK, on, running.as_ref().map(|_| ())).await;
        running
    }

    async fn agent(&self, model: &str) -> Result<Agent, Trouble> {
        let (flow, model) = (self.flow().clone(), model.to_owned());
        self.engine().look(move |state| find(state, &flow, &model)).await?
    }

    /// Starts the run.
    async fn begin(
        self,
        by: Arc<str>,
        agent: Agent,
        arguments: Map<String, Json>,
        (model, mut claim): (String, Option<Claim>),
    ) -> Result<Running, Trouble> {
        if let Some(claim) = &claim {
            claim.begin(self.now()).await?;
        }
        let (package, flow) = (agent.package.clone(), self.flow().clone());
        let input = Input::Invoke { by, package, flow, arguments };
        // Where the engine ends meanwhile nobody knows whether there is a run, and so the claim stays as it is.
        let run = match started(self.engine().submit(input).await?.reply) {
            Ok(run) => run,
            Err(trouble) => {
                if let Some(claim) = claim {
                    claim.free().await;
                }
                return Err(trouble);
            }
        };
        let (told, created) = (self.ends().of(run), now());
        if let Some(claim) = &mut claim {
            claim.started(Began { run, created, model: model.clone() }, self.now()).await;
        }
        let follow = Follow { run, agent, api: self, told, ended: None, claim, over: false };
        Ok(Running { run, model, created, again: false, from: From::Run(Box::new(follow)) })
    }

    /// Waits for a run that was started before, of which it was not heard how it ended.
    async fn go_on(&self, claim: Claim, began: Began) -> Result<Running, Trouble> {
        let Began { run, created, model } = began;
        let agent = self.agent(&model).await?;
        self.listen().await?;
        // Before it is looked: what happens in between is heard.
        let told = self.ends().of(run);
        let look = move |state: &State| (state.runs.get(run).is_some(), end_of(state, run).is_some());
        let ended = match self.engine().look(look).await? {
            (_, true) => Some((0, Used::default())),
            (true, false) => None,
            (false, false) => return Err(Trouble::not_known()),
        };
        let api = self.clone();
        let follow = Follow { run, agent, api, told, ended, claim: Some(claim), over: false };
        Ok(Running { run, model, created, again: false, from: From::Run(Box::new(follow)) })
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
        match &mut self.from {
            From::Run(follow) => follow.next().await,
            From::Known(outcome) => Next::Ended(outcome.take().unwrap_or_else(|| Err(Gone.into()))),
        }
    }

    /// The answer, for whoever waits for nothing else.
    pub(super) async fn end(mut self, caller: &Caller) -> Outcome {
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
}

impl Follow {
    /// What comes next. Who stops waiting for it loses nothing.
    async fn next(&mut self) -> Next {
        loop {
            if let Some((seq, used)) = self.ended {
                return match self.answer(seq, used).await {
                    Ok(outcome) => Next::Ended(self.finish(outcome).await),
                    Err(gone) => self.leave(gone),
                };
            }
            match self.told.recv().await {
                Some(Told::Said(delta)) if delta.agent != self.agent.name => {}
                Some(Told::Said(delta)) => return Next::Said(delta),
                Some(Told::Lost) => return Next::Lost,
                Some(Told::Ended { seq, used }) => self.ended = Some((seq, used)),
                None => return self.leave(Gone),
            }
        }
    }

    /// The runtime ends. The run goes on with its next start, and so does what it is claimed for.
    fn leave(&mut self, gone: Gone) -> Next {
        (self.over, self.claim) = (true, None);
        Next::Ended(Err(gone.into()))
    }

    /// That is what came of it.
    async fn finish(&mut self, outcome: Outcome) -> Outcome {
        let outcome = outcome.map_err(|trouble| if self.agent.acts { trouble.acted() } else { trouble });
        self.over = true;
        if let Some(claim) = self.claim.take() {
            let again = !self.agent.acts && outcome.as_ref().is_err_and(Trouble::is_for_now);
            let (now, told) = (self.api.now(), outcome.clone());
            // On its own: it is written down also where nobody waits any more.
            let written =
                tokio::spawn(
                    async move { if again { claim.free().await } else { claim.done(told, now).await } },
                );
            let _ = written.await;
        }
        outcome
    }

    async fn answer(&self, seq: u64, used: Used) -> Result<Outcome, Gone> {
        let (run, engine) = (self.run, self.api.engine());
        let end = match engine.look(move |state| end_of(state, run)).await? {
            Some(end) => Some(end),
            // So many ended meanwhile that the state does not know it any more.
            None => engine.read(move |journal, _| end_in(journal, run, seq)).await?.unwrap_or_else(|error| {
                tracing::warn!(%error, %run, "the journal cannot be read for somebody who waits for a run");
                None
            }),
        };
        let told =
            |message: String| Trouble::ended(message).help(format!("`carapace runs show {run}` tells more"));
        Ok(match end {
            Some(End::Succeeded(value)) => self.read(&value.0, used).unwrap_or_else(|why| Err(told(why))),
            Some(End::Failed(failure)) => Err(Trouble::failed(&failure)),
            Some(End::Cancelled(why)) => Err(told(format!("the run was cancelled: {why}"))),
            Some(End::Fault(why)) => Err(told(format!("the run broke a rule: {why}"))),
            None => Err(told("the run is left alone".to_owned())),
        })
    }

    /// Reads what the flow of the library returned.
    fn read(&self, value: &Value, used: Used) -> Result<Result<Answer, Trouble>, String> {
        let deployment = &self.agent.deployment;
        let (Some(flow), Ok(code)) = (deployment.flow(self.api.flow()), &deployment.code) else {
            return Err("the program that answered is not there any more".to_owned());
        };
        let json = to_json(value, &flow.result, &code.module().types);
        let json = json.map_err(|error| format!("the answer cannot be read: {error}"))?;
        Ok(Answer::read(&json, used))
    }

    /// Follows it to its end, for whoever sends the request again.
    async fn follow(mut self) {
        while !matches!(self.next().await, Next::Ended(_)) {}
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        // Where nothing can be started any more, everything ends anyhow.
        let runtime = tokio::runtime::Handle::try_current().ok().filter(|_| !self.over);
        if let Some((runtime, claim)) = runtime.as_ref().zip(self.claim.take()) {
            let told = std::mem::replace(&mut self.told, mpsc::unbounded_channel().1);
            let (run, agent, api, ended) = (self.run, self.agent.clone(), self.api.clone(), self.ended);
            runtime.spawn(Follow { run, agent, api, told, ended, claim: Some(claim), over: false }.follow());
            return;
        }
        self.api.ends().forget(self.run);
        if let Some(runtime) = runtime {
            let (engine, run) = (self.api.engine().clone(), self.run);
            runtime.spawn(async move {
                let reason = "whoever asked hung up".into();
                // An error says that the engine ended.
                let _ = engine.submit(Input::Cancel { run, reason }).await;
            });
        }
    }
}
