//! What can be asked of a runtime, whatever it is asked through.

mod deploy;
mod moves;
mod start;

pub use deploy::{Account, Back, Collected, Deployed, Deployments};
pub use moves::Moves;

use super::rpc::Fault;
use carapace_effect::{Failure, FailureKind, OpId, RunId};
use carapace_engine::inspect::{
    Filter, Found, Listed, OutboxFilter, Shown, WaitingOn, find, find_past, finished, not_found, select,
};
use carapace_engine::service::{Gone, Handle, How};
use carapace_engine::stored::Operation;
use carapace_engine::{Binding, Blob, Deploy, Input, Reply, Resolution, State, Wish};
use carapace_module::Value;
use carapace_module::json::from_json;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs in one answer, where nothing is said.
const LISTED: usize = 100;

/// Runs in one answer at most: what a socket's line holds.
const MOST_LISTED: usize = 5_000;

/// What can be asked: a closed set. A run is named by its id, or the beginning of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", content = "params", deny_unknown_fields)]
pub enum Request {
    /// The runs that live: a [`Listed`].
    #[serde(rename = "runs.list", rename_all = "snake_case")]
    List {
        /// Only those that wait for such a thing.
        #[serde(default)]
        waiting_on: Option<WaitingOn>,
        /// Only those of this flow.
        #[serde(default)]
        flow: Option<String>,
        /// At most so many, the oldest.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// The runs that are over, the latest first: an [`Ended`](carapace_engine::inspect::Ended).
    #[serde(rename = "runs.finished")]
    Finished {
        /// Only those of this flow.
        #[serde(default)]
        flow: Option<String>,
        /// At most so many.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// All about one: a [`Shown`].
    #[serde(rename = "runs.show")]
    Show {
        /// Which.
        run: String,
    },
    /// Asks one to end: its id.
    #[serde(rename = "runs.cancel")]
    Cancel {
        /// Which.
        run: String,
        /// Why, for a person.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Starts a flow by hand, `on manual(T)`: its name, and the run's id where it still lives.
    #[serde(rename = "runs.start")]
    Start {
        /// Its name, in full or the end of it.
        flow: String,
        /// What it is given, as JSON of its type.
        #[serde(default)]
        input: Option<Json>,
    },
    /// Has runs of former versions go on with the one that serves, where they stand at a wait with a name: a [`Moves`].
    #[serde(rename = "runs.move", rename_all = "snake_case")]
    Move {
        /// Which; all of them, where nobody says.
        #[serde(default)]
        run: Option<String>,
        /// Only those of this flow.
        #[serde(default)]
        flow: Option<String>,
        /// Whether it is only looked at which could.
        #[serde(default)]
        dry_run: bool,
    },
    /// Has one tried again that failed, or at which the runtime failed: the id of the run that goes on.
    #[serde(rename = "runs.retry")]
    RetryRun {
        /// Which.
        run: String,
    },
    /// Messages on their way out, and those that are kept: a [`carapace_engine::inspect::OutboxListed`].
    #[serde(rename = "outbox.list")]
    Outbox(OutboxFilter),
    /// All about one: a [`carapace_engine::inspect::OutboxShown`].
    #[serde(rename = "outbox.show")]
    Message {
        /// Which.
        id: String,
    },
    /// Has one sent again: its whole id.
    #[serde(rename = "outbox.retry")]
    Retry {
        /// Which.
        id: String,
    },
    /// Throws one away: its whole id.
    #[serde(rename = "outbox.drop")]
    Drop {
        /// Which.
        id: String,
    },
    /// Says what became of an operation of which nobody knows: the run's id.
    #[serde(rename = "runs.resolve")]
    Resolve {
        /// The run.
        run: String,
        /// Its operation, as it is shown.
        op: String,
        /// What became of it.
        outcome: Became,
        /// Its answer as JSON, where it happened.
        #[serde(default)]
        value: Option<Json>,
    },
    /// Forgets a person: a [`Report`](carapace_engine::forget::Report), once nothing of them is there any more.
    #[serde(rename = "forget", rename_all = "snake_case")]
    Forget {
        /// Who: `telegram:12345`.
        sender: String,
        /// Whether runs of theirs that live are asked to end first.
        #[serde(default)]
        cancel: bool,
        /// Whether it is only looked at what there is.
        #[serde(default)]
        dry_run: bool,
    },
    /// Sessions of agents: a [`carapace_engine::inspect::SessionsListed`].
    #[serde(rename = "session.list")]
    Sessions {
        /// Only those of this agent.
        #[serde(default)]
        agent: Option<String>,
        /// At most so many, the latest.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// What one holds: a [`carapace_engine::inspect::SessionShown`].
    #[serde(rename = "session.show")]
    Session {
        /// Which: its short name, or the beginning of it.
        session: String,
        /// Whether with what was put away.
        #[serde(default)]
        all: bool,
    },
    /// Looks through one, or all: a [`carapace_engine::inspect::SessionsVerified`].
    #[serde(rename = "session.verify")]
    VerifySessions {
        /// Which; all of them, where nobody says.
        #[serde(default)]
        session: Option<String>,
    },
    /// Deploys a module: a [`Deployed`].
    #[serde(rename = "deploy")]
    Deploy {
        /// Its bytes, as base64.
        module: Blob,
        /// Setting's full name → its value.
        #[serde(default)]
        settings: BTreeMap<Arc<str>, Json>,
        /// Slot's full name → what it stands for.
        #[serde(default)]
        bindings: BTreeMap<Arc<str>, Binding>,
        /// Whether it is only looked at what would change.
        #[serde(default)]
        dry_run: bool,
    },
    /// What is deployed: [`Deployments`].
    #[serde(rename = "deployments.list")]
    Deployments {},
    /// Goes back to a deployment: a [`Back`].
    #[serde(rename = "deployments.rollback")]
    Rollback {
        /// The package.
        package: Arc<str>,
        /// Which; the one before, where nobody says.
        #[serde(default)]
        to: Option<u32>,
    },
    /// Lets go of deployments and modules that nobody needs: [`Collected`].
    #[serde(rename = "deployments.collect")]
    Collect {
        /// How many former ones of each package are kept.
        former: usize,
        /// Whether it is only looked at what would go.
        #[serde(default)]
        dry_run: bool,
    },
}

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It happened.
    Done,
    /// It did not.
    Failed,
}

/// The names of all methods.
const METHODS: [&str; 20] = [
    "runs.list",
    "runs.finished",
    "runs.show",
    "runs.cancel",
    "runs.move",
    "runs.start",
    "runs.retry",
    "runs.resolve",
    "outbox.list",
    "outbox.show",
    "outbox.retry",
    "outbox.drop",
    "forget",
    "session.list",
    "session.show",
    "session.verify",
    "deploy",
    "deployments.list",
    "deployments.rollback",
    "deployments.collect",
];

/// Answers what is asked of a runtime.
#[derive(Debug, Clone)]
pub struct Methods {
    pub(super) engine: Handle,
    accounts: Arc<[Account]>,
}

impl From<Gone> for Fault {
    fn from(_: Gone) -> Fault {
        Fault::refused("E0941", "the runtime is ending", None)
    }
}

impl Methods {
    /// Those of a runtime with these accounts.
    pub fn new(engine: Handle, accounts: Vec<Account>) -> Methods {
        Methods { engine, accounts: accounts.into() }
    }

    pub(super) async fn call(&self, method: &str, params: Json) -> Result<Json, Fault> {
        if !METHODS.contains(&method) {
            return Err(Fault::no_method(method));
        }
        let request = serde_json::from_value(json!({ "method": method, "params": params }));
        match request.map_err(|e| Fault::params(format!("`{method}`: {e}")))? {
            Request::List { waiting_on, flow, limit } => {
                let limit = limit.unwrap_or(LISTED).min(MOST_LISTED);
                self.list(Filter { waiting_on, flow, limit }).await
            }
            Request::Finished { flow, limit } => self.finished(flow, limit).await,
            Request::Show { run } => self.show(run).await,
            Request::Cancel { run, reason } => {
                let run = self.live(run).await?;
                let reason = reason.unwrap_or_else(|| "cancelled by hand".to_owned()).into();
                self.submit(run, Input::Cancel { run, reason }).await
            }
            Request::Start { flow, input } => self.start(flow, input).await,
            Request::Move { run, flow, dry_run } => self.transfer(run, flow, dry_run).await,
            Request::RetryRun { run } => self.retry(run).await,
            Request::Outbox(filter) => self.outbox(filter).await,
            Request::Message { id } => self.message(id).await,
            Request::Retry { id } => self.wish(id, Wish::Retry).await,
            Request::Drop { id } => self.wish(id, Wish::Drop).await,
            Request::Resolve { run, op, outcome, value } => self.resolve(run, &op, outcome, value).await,
            Request::Forget { sender, cancel, dry_run } => self.forget(sender, How { cancel, dry_run }).await,
            Request::Sessions { agent, limit } => self.sessions(agent, limit).await,
            Request::Session { session, all } => self.session(session, all).await,
            Request::VerifySessions { session } => self.verify_sessions(session).await,
            Request::Deploy { module, settings, bindings, dry_run } => {
                self.deploy(Deploy { module: module.0, settings, bindings }, dry_run).await
            }
            Request::Deployments {} => self.deployments().await,
            Request::Rollback { package, to } => self.rollback(package, to).await,
            Request::Collect { former, dry_run } => self.collect(former, dry_run).await,
        }
    }

    async fn list(&self, filter: Filter) -> Result<Json, Fault> {
        let selected = self.engine.look(move |state| select(state, &filter)).await?;
        let runs = selected.runs.iter().map(carapace_engine::inspect::Seen::brief).collect();
        written(&Listed { runs, total: selected.total })
    }

    async fn finished(&self, flow: Option<String>, limit: Option<usize>) -> Result<Json, Fault> {
        let limit = limit.unwrap_or(LISTED).min(MOST_LISTED);
        let ended = self.engine.read(move |journal, _| finished(journal, flow.as_deref(), limit)).await?;
        written(&ended.map_err(|e| Fault::refused("E0931", e.to_string(), None))?)
    }

    async fn show(&self, text: String) -> Result<Json, Fault> {
        let wanted = text.clone();
        let mut found = self.engine.look(move |state| find(state, &wanted)).await?;
        if matches!(found, Found::Nothing) {
            let wanted = text.clone();
            let past = self.engine.read(move |journal, _| find_past(journal, &wanted)).await?;
            found = past.map_err(|e| Fault::refused("E0931", e.to_string(), None))?;
        }
        let (live, over, run) = match found {
            Found::Live(seen) => (Some(seen.detail()), None, seen.id()),
            Found::Over(over) => {
                let run = over.run;
                (None, Some(*over), run)
            }
            other => return Err(not_one(&text, &other)),
        };
        let history = self.engine.history(run).await?;
        let history = history.map_err(|e| Fault::refused("E0931", e.to_string(), None))?;
        written(&Shown { live, over, history })
    }

    async fn resolve(
        &self,
        run: String,
        op: &str,
        outcome: Became,
        value: Option<Json>,
    ) -> Result<Json, Fault> {
        let run = self.live(run).await?;
        let op: OpId =
            op.parse().map_err(|_| Fault::params("`op` is an operation as it is shown: `:3`, `0.1:2`"))?;
        let outcome = match outcome {
            Became::Done => {
                let op = op.clone();
                let value = self.engine.look(move |state| answer(state, run, &op, value)).await?;
                Resolution::Done(value?)
            }
            Became::Failed if value.is_some() => {
                return Err(Fault::params("what did not happen has no `value`"));
            }
            Became::Failed => {
                let why = "a person found out that it did not happen";
                Resolution::Failed(Failure::new(FailureKind::NotPerformed, why))
            }
        };
        self.submit(run, Input::Resolve { run, op, outcome }).await
    }

    async fn forget(&self, sender: String, how: How) -> Result<Json, Fault> {
        match self.engine.forget(&sender, how).await? {
            Ok(report) => written(&report),
            Err(rejection) => Err(Fault::refused(rejection.code, rejection.message, rejection.help)),
        }
    }

    async fn retry(&self, text: String) -> Result<Json, Fault> {
        let wanted = text.clone();
        let run = match self.engine.look(move |state| find(state, &wanted)).await? {
            Found::Live(seen) => seen.id(),
            Found::Over(over) => over.run,
            other => return Err(not_one(&text, &other)),
        };
        match self.engine.submit(Input::Retry { run }).await?.reply {
            Reply::Started(run) => Ok(json!({ "run": run })),
            Reply::Rejected(rejection) => {
                Err(Fault::refused(rejection.code, rejection.message, rejection.help))
            }
            other => Err(Fault::refused("E0944", format!("the engine answered {other:?}"), None)),
        }
    }

    /// The one run that lives and is meant.
    async fn live(&self, text: String) -> Result<RunId, Fault> {
        let wanted = text.clone();
        match self.engine.look(move |state| find(state, &wanted)).await? {
            Found::Live(seen) => Ok(seen.id()),
            Found::Over(over) => Err(Fault::refused(
                "E0910",
                format!("run `{}` is over: {}", over.run, over.how),
                Some("`carapace runs list` lists those that live".to_owned()),
            )),
            other => Err(not_one(&text, &other)),
        }
    }

    async fn submit(&self, run: RunId, input: Input) -> Result<Json, Fault> {
        match self.engine.submit(input).await?.reply {
            Reply::Rejected(rejection) => {
                Err(Fault::refused(rejection.code, rejection.message, rejection.help))
            }
            _ => Ok(json!({ "run": run })),
        }
    }
}

/// The answer of an operation that happened, as its effect declares it.
fn answer(state: &State, run: RunId, op: &OpId, json: Option<Json>) -> Result<Value, Fault> {
    let Some(run) = state.runs.get(run) else { return Ok(Value::None) };
    let operation = run.operations.get(op).or_else(|| run.settling.get(op));
    // What is no such operation, the engine says; what was handed over has no answer.
    let Some(call) = operation.and_then(Operation::call) else { return Ok(Value::None) };
    let code = state.deployments.get(run.deployment).and_then(|deployment| deployment.code.as_ref().ok());
    let Some(code) = code else {
        return Err(Fault::refused("E0943", "the run's program cannot be loaded", None));
    };
    from_json(&json.unwrap_or(Json::Null), &call.result, &code.module().types).map_err(|e| {
        let message = format!("the value does not fit what `{}` answers: {e}", call.effect);
        Fault::refused("E0943", message, Some("`--value JSON` says what it answered".to_owned()))
    })
}

fn not_one(text: &str, found: &Found) -> Fault {
    let (code, message, help) = not_found(text, found);
    Fault::refused(code, message, Some(help))
}

pub(super) fn written<T: Serialize>(value: &T) -> Result<Json, Fault> {
    serde_json::to_value(value).map_err(|e| Fault::refused("E0944", e.to_string(), None))
}
