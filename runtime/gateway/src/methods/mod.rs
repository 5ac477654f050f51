//! What can be asked of a runtime, whatever it is asked through.

mod about;
mod answers;
mod audited;
mod backup;
mod channels;
mod deploy;
mod forget;
mod gates;
mod key;
mod logs;
mod moves;
mod outbox;
mod request;
mod servers;
mod session;
mod start;
mod tokens;
mod tools;
mod usage;

pub use about::{About, ChatPage, PROTOCOL};
pub use answers::{MessageNamed, RunNamed, Started};
pub use backup::Copied;
pub use channels::CheckedChannel;
pub use deploy::{Account, Back, Collected, Deployed, DeployedAll, Deployments};
pub use forget::{ForgetReport, KeptByChannel, KeptCount};
pub use gates::{AccessListed, AccountAccess, Approved, Gates};
pub(crate) use key::{Key, NoKey, owner};
pub use logs::LogsRead;
pub use moves::Moves;
pub use request::{Became, LogsWanted, Package, Request};
pub use servers::{ServerTool, ServerTrusted, ServersListed, ToolServer};
pub use session::SessionNamed;
pub use tokens::Hidden;
pub use tools::{OfferedTool, Refused, ToolOutcome, ToolStands, ToolsListed};

use crate::auth::{Access, Caller};
use crate::host::{Host, NoHost};
use crate::rpc::Fault;
use carapace_effect::{Failure, FailureKind, OpId, RunId};
use carapace_engine::inspect::{
    After, Filter, Found, Listed, NoAfter, Shown, find, find_past, finished, not_found, select,
};
use carapace_engine::service::{Gone, Handle, How};
use carapace_engine::stored::Operation;
use carapace_engine::{Deploy, Input, Reply, Resolution, State, Wish};
use carapace_module::Value;
use carapace_module::json::from_json;
use serde::Serialize;
use serde_json::Value as Json;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// Runs in one answer, where nothing is said.
const LISTED: usize = 100;

/// Runs in one answer at most: what a socket's line holds.
const MOST_LISTED: usize = 5_000;

/// Answers what is asked of a runtime.
#[derive(Debug, Clone)]
pub struct Methods {
    pub(crate) engine: Handle,
    accounts: Arc<RwLock<Vec<Account>>>,
    access: Access,
    pub(crate) host: Arc<dyn Host>,
    /// Of the accounts that have one.
    pub(super) gates: Arc<RwLock<Gates>>,
    /// What programs from outside may call.
    offers: Arc<watch::Sender<tools::Offers>>,
}

impl From<Gone> for Fault {
    fn from(_: Gone) -> Fault {
        Fault::refused("E0941", "the runtime is ending", None)
    }
}

impl Methods {
    /// Those of a runtime with these accounts.
    pub fn new(engine: Handle, accounts: Vec<Account>) -> Methods {
        let (access, host) = (Access::default(), Arc::new(NoHost));
        let (accounts, offers) = (Arc::new(RwLock::new(accounts)), Arc::new(watch::Sender::default()));
        Methods { engine, accounts, access, host, gates: Arc::default(), offers }
    }

    /// The same, of a process that has this around its runtime.
    #[must_use]
    pub fn hosted(self, host: Arc<dyn Host>) -> Methods {
        Methods { host, ..self }
    }

    /// From now on the runtime has these accounts.
    pub fn set_accounts(&self, accounts: Vec<Account>) {
        *self.accounts.write().unwrap_or_else(PoisonError::into_inner) = accounts;
    }

    /// The same, of a runtime to which these have access.
    #[must_use]
    pub fn with_access(self, access: Access) -> Methods {
        Methods { access, ..self }
    }

    /// What time it is, in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.access.now()
    }

    /// Answers a call by its name.
    pub(crate) async fn call(&self, caller: &Caller, method: &str, params: Json) -> Result<Json, Fault> {
        self.answer(caller, Request::read(method, params)?).await
    }

    /// Answers whoever may ask that. The one way to everything that can be asked, whatever it comes through.
    pub(crate) async fn answer(&self, caller: &Caller, request: Request) -> Result<Json, Fault> {
        let (scope, name, act) = (request.scope(), request.name(), request.act());
        self.check(caller, name, scope)?;
        let Some(on) = act else { return self.perform(caller, request).await };
        self.ready().await?;
        let result = self.perform(caller, request).await;
        self.note(caller, (name, on), &result).await;
        result
    }

    async fn perform(&self, caller: &Caller, request: Request) -> Result<Json, Fault> {
        match request {
            Request::List { waiting_on, flow, after, limit } => {
                let limit = limit.unwrap_or(LISTED).min(MOST_LISTED);
                self.list(Filter { waiting_on, flow, after: behind(after)?, limit }).await
            }
            Request::Finished { flow, after, limit } => self.finished(flow, behind(after)?, limit).await,
            Request::Show { run } => self.show(run).await,
            Request::Cancel { run, reason } => {
                let run = self.live(run).await?;
                let reason = reason.unwrap_or_else(|| "cancelled by hand".to_owned()).into();
                self.submit(run, Input::Cancel { run, reason }).await
            }
            Request::Start { flow, input, key } => self.start(caller, flow, input, key).await,
            Request::Move { run, flow, dry_run } => self.transfer(run, flow, dry_run).await,
            Request::RetryRun { run } => self.retry(run).await,
            Request::Outbox(filter) => self.outbox(filter).await,
            Request::Message { id } => self.message(id).await,
            Request::Retry { id } => self.wish(id, Wish::Retry).await,
            Request::Drop { id } => self.wish(id, Wish::Drop).await,
            Request::Resolve { run, op, outcome, value } => self.resolve(run, &op, outcome, value).await,
            Request::Forget { sender, cancel, dry_run } => self.forget(sender, How { cancel, dry_run }).await,
            Request::Sessions { agent, after, limit } => self.sessions(agent, behind(after)?, limit).await,
            Request::Session { session, all } => self.session(session, all).await,
            Request::VerifySessions { session } => self.verify_sessions(session).await,
            Request::RestoreSession { session } => self.restore_session(session).await,
            Request::Deploy { module, settings, bindings, dry_run } => {
                self.deploy(Deploy { module: module.0, settings, bindings }, dry_run).await
            }
            Request::DeployAll { packages, dry_run } => self.deploy_all(packages, dry_run).await,
            Request::Sources { module } => written(&self.host.sources(&module)),
            Request::Logs(wanted) => self.logs(wanted).await,
            Request::Usage { since, by } => self.usage(since, by).await,
            Request::About {} => self.about().await,
            Request::Backup {} => self.copy().await,
            Request::CheckChannels {} => self.check_channels().await,
            Request::Deployments {} => self.deployments().await,
            Request::Rollback { package, to } => self.rollback(package, to).await,
            Request::Collect { former, dry_run } => self.collect(former, dry_run).await,
            Request::Tools { unlike, wait } => self.tools(unlike.as_deref(), wait).await,
            Request::CallTool { name, arguments } => self.call_tool(caller, name, arguments).await,
            Request::AwaitTool { run, wait } => self.await_tool(&run, wait).await,
            Request::LeaveTool { run } => self.leave_tool(&run).await,
            Request::Servers {} => self.servers(),
            Request::TrustServer { server } => self.trust_server(server).await,
            Request::Tokens {} => written(&self.access.list()),
            Request::CreateToken { name, scopes, lives, token } => {
                self.create_token(name, scopes, lives, token).await
            }
            Request::RevokeToken { token } => self.revoke_token(token).await,
            Request::Pair { scopes, lives } => self.offer(scopes, lives).await,
            Request::Access {} => self.list_gates().await,
            Request::Approve { code } => self.approve(&code).await,
            Request::Revoke { person } => self.revoke(&person).await,
        }
    }

    async fn list(&self, filter: Filter) -> Result<Json, Fault> {
        let selected = self.engine.look(move |state| select(state, &filter)).await?;
        let runs = selected.runs.iter().map(carapace_engine::inspect::Seen::brief).collect();
        let next = selected.next.map(|after| after.to_string());
        written(&Listed { runs, total: selected.total, next })
    }

    async fn finished(
        &self,
        flow: Option<String>,
        after: Option<After>,
        limit: Option<usize>,
    ) -> Result<Json, Fault> {
        let limit = limit.unwrap_or(LISTED).min(MOST_LISTED);
        let ended = self
            .engine
            .read(move |journal, _| finished(journal, flow.as_deref(), after.as_ref(), limit))
            .await?;
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
                let value = self.engine.look(move |state| value_of(state, run, &op, value)).await?;
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

    async fn retry(&self, text: String) -> Result<Json, Fault> {
        let wanted = text.clone();
        let run = match self.engine.look(move |state| find(state, &wanted)).await? {
            Found::Live(seen) => seen.id(),
            Found::Over(over) => over.run,
            other => return Err(not_one(&text, &other)),
        };
        match self.engine.submit(Input::Retry { run }).await?.reply {
            Reply::Started(run) => written(&RunNamed { run }),
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
            _ => written(&RunNamed { run }),
        }
    }
}

/// The answer of an operation that happened, as its effect declares it.
fn value_of(state: &State, run: RunId, op: &OpId, json: Option<Json>) -> Result<Value, Fault> {
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

/// Behind which entry a list goes on.
fn behind(after: Option<String>) -> Result<Option<After>, Fault> {
    after.map(|after| after.parse().map_err(|e: NoAfter| Fault::params(e.to_string()))).transpose()
}

fn not_one(text: &str, found: &Found) -> Fault {
    let (code, message, help) = not_found(text, found);
    Fault::refused(code, message, Some(help))
}

pub(super) fn written<T: Serialize>(value: &T) -> Result<Json, Fault> {
    serde_json::to_value(value).map_err(|e| Fault::refused("E0944", e.to_string(), None))
}
