//! What can be asked: a closed set, and who may ask it.

use super::Hidden;
use crate::auth::Scope;
use crate::host::Sources;
use crate::rpc::Fault;
use carapace_engine::inspect::{Level, OutboxFilter, WaitingOn};
use carapace_engine::{Binding, Blob};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What can be asked: a closed set. A run is named by its id, or the beginning of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "method", content = "params", deny_unknown_fields)]
pub enum Request {
    /// The runs that live: a [`Listed`](carapace_engine::inspect::Listed).
    #[serde(rename = "runs.list", rename_all = "snake_case")]
    List {
        /// Only those that wait for such a thing.
        #[serde(default)]
        waiting_on: Option<WaitingOn>,
        /// Only those of this flow.
        #[serde(default)]
        flow: Option<String>,
        /// Only those behind the ones of the answer that gave this as `next`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// At most so many, the oldest; 100 where nothing is said, 5000 at most.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// The runs that are over, the latest first: an [`Ended`](carapace_engine::inspect::Ended).
    #[serde(rename = "runs.finished")]
    Finished {
        /// Only those of this flow.
        #[serde(default)]
        flow: Option<String>,
        /// Only those behind the ones of the answer that gave this as `next`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// At most so many; 100 where nothing is said, 5000 at most.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// All about one run: a [`Shown`](carapace_engine::inspect::Shown).
    #[serde(rename = "runs.show")]
    Show {
        /// Which.
        run: String,
    },
    /// Asks a run to end: a [`RunNamed`](super::RunNamed).
    #[serde(rename = "runs.cancel")]
    Cancel {
        /// Which.
        run: String,
        /// Why, for a person.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Starts a flow by hand, `on manual(T)`: a [`Started`](super::Started).
    #[serde(rename = "runs.start")]
    Start {
        /// Its name, in full or the end of it.
        flow: String,
        /// What it is given, as JSON of its type.
        #[serde(default)]
        input: Option<Json>,
        /// A name for this start, of the asker's own: when it is asked again with the same within seven days, nothing is started, and the answer is that of the first time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// Has runs of former versions go on with the one that serves, where they stand at a wait with a name: a [`Moves`](super::Moves).
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
    /// Has a run tried again that failed, or at which the runtime failed: a [`RunNamed`](super::RunNamed), of the run that goes on.
    #[serde(rename = "runs.retry")]
    RetryRun {
        /// Which.
        run: String,
    },
    /// Messages on their way out, and those that are kept: a [`carapace_engine::inspect::OutboxListed`].
    #[serde(rename = "outbox.list")]
    Outbox(OutboxFilter),
    /// All about one message: a [`carapace_engine::inspect::OutboxShown`].
    #[serde(rename = "outbox.show")]
    Message {
        /// Which.
        id: String,
    },
    /// Has a message sent again: a [`MessageNamed`](super::MessageNamed).
    #[serde(rename = "outbox.retry")]
    Retry {
        /// Which.
        id: String,
    },
    /// Throws a message away that is kept: a [`MessageNamed`](super::MessageNamed).
    #[serde(rename = "outbox.drop")]
    Drop {
        /// Which.
        id: String,
    },
    /// Says what became of an operation of which nobody knows: a [`RunNamed`](super::RunNamed).
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
    /// Forgets a person: a [`ForgetReport`](crate::ForgetReport), once nothing of them is there any more.
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
        /// Only those behind the ones of the answer that gave this as `next`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// At most so many, the latest; 100 where nothing is said, 5000 at most.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// What a session holds: a [`carapace_engine::inspect::SessionShown`].
    #[serde(rename = "session.show")]
    Session {
        /// Which: its short name, or the beginning of it.
        session: String,
        /// Whether with what was put away.
        #[serde(default)]
        all: bool,
    },
    /// Looks through a session, or through all: a [`carapace_engine::inspect::SessionsVerified`].
    #[serde(rename = "session.verify")]
    VerifySessions {
        /// Which; all of them, where nobody says.
        #[serde(default)]
        session: Option<String>,
    },
    /// Puts back what was put away of a session last, in place of its note and summary: a [`SessionNamed`](super::SessionNamed).
    #[serde(rename = "session.restore")]
    RestoreSession {
        /// Which: its short name, or the beginning of it.
        session: String,
    },
    /// Deploys a module: a [`Deployed`](super::Deployed).
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
    /// Deploys modules, all or none of them: a [`DeployedAll`](super::DeployedAll).
    #[serde(rename = "deploy.all")]
    DeployAll {
        /// Each of another package.
        packages: Vec<Package>,
        /// Whether it is only looked at what would change.
        #[serde(default)]
        dry_run: bool,
    },
    /// The sources behind a module, by path: [`Sources`](crate::Sources); none where they were not kept.
    #[serde(rename = "deployments.sources")]
    Sources {
        /// The hash of the module's bytes.
        module: String,
    },
    /// Who answers: [`About`](super::About).
    #[serde(rename = "server.about")]
    About {},
    /// What flows logged, what went wrong, and what the runtime had to say: a [`LogsRead`](super::LogsRead).
    #[serde(rename = "logs.read")]
    Logs(LogsWanted),
    /// What asking models has used up: a [`UsageListed`](carapace_engine::inspect::UsageListed).
    #[serde(rename = "usage")]
    Usage {
        /// From the day of this moment on, in milliseconds since 1970; days are those of UTC. Everything that is kept, where nobody says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<i64>,
        /// What it is put together by: `day`, `agent`, `flow`, `model`, `sender`, with commas between; `agent,model` where nobody says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Copies everything that is kept, of one moment, into a folder in the data directory: a [`Copied`](super::Copied).
    #[serde(rename = "backup.copy")]
    Backup {},
    /// Asks each channel's network whether the account works: a list of [`CheckedChannel`](super::CheckedChannel).
    #[serde(rename = "channels.check")]
    CheckChannels {},
    /// What is deployed: [`Deployments`](super::Deployments).
    #[serde(rename = "deployments.list")]
    Deployments {},
    /// Goes back to a deployment: a [`Back`](super::Back).
    #[serde(rename = "deployments.rollback")]
    Rollback {
        /// The package.
        package: Arc<str>,
        /// Which; the one before, where nobody says.
        #[serde(default)]
        to: Option<u32>,
    },
    /// Lets go of deployments and modules that nobody needs: [`Collected`](super::Collected).
    #[serde(rename = "deployments.collect")]
    Collect {
        /// How many former ones of each package are kept.
        former: usize,
        /// Whether it is only looked at what would go.
        #[serde(default)]
        dry_run: bool,
    },
    /// What may be called from outside: [`ToolsListed`](super::ToolsListed).
    #[serde(rename = "tools.list")]
    Tools {
        /// What an answer gave as `mark`: the answer waits until something else may be called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unlike: Option<String>,
        /// How long it may wait for that, in milliseconds; 25,000 at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait: Option<u64>,
    },
    /// Calls something that may be: a [`RunNamed`](super::RunNamed).
    #[serde(rename = "tools.call")]
    CallTool {
        /// What: `shop.refund`.
        name: String,
        /// What it is given, by parameter.
        #[serde(default)]
        #[schema(value_type = Object)]
        arguments: serde_json::Map<String, Json>,
    },
    /// How a call stands: [`ToolStands`](super::ToolStands).
    #[serde(rename = "tools.wait")]
    AwaitTool {
        /// The run that calling it gave.
        run: String,
        /// How long the answer may wait for its end, in milliseconds; 25,000 at most.
        #[serde(default)]
        wait: Option<u64>,
    },
    /// Cancels a call's run: nobody waits for it any more.
    #[serde(rename = "tools.cancel")]
    LeaveTool {
        /// The run that calling it gave.
        run: String,
    },
    /// The servers of tools that the runtime uses: [`ServersListed`](super::ServersListed).
    #[serde(rename = "mcp.list")]
    Servers {},
    /// What a server of tools says now is right: [`ServerTrusted`](super::ServerTrusted).
    #[serde(rename = "mcp.trust")]
    TrustServer {
        /// Its name.
        server: String,
    },
    /// Who was given a token: a list of [`Shown`](crate::auth::Shown).
    #[serde(rename = "tokens.list")]
    Tokens {},
    /// Gives out a token, which is shown once: a [`Made`](crate::auth::Made).
    #[serde(rename = "tokens.create")]
    CreateToken {
        /// The name under which what is done with it is written down.
        name: String,
        /// What its holder may do.
        #[schema(value_type = Vec<String>)]
        scopes: BTreeSet<Scope>,
        /// How long it counts, in milliseconds; for good, where nobody says.
        #[serde(default)]
        lives: Option<i64>,
        /// One that an operator brings along; a fresh one, where nobody does.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        token: Option<Hidden>,
    },
    /// Takes one back, at once: a [`Shown`](crate::auth::Shown).
    #[serde(rename = "tokens.revoke")]
    RevokeToken {
        /// Its name, or its id.
        token: String,
    },
    /// Shows a code with which one device can get a token, for five minutes: an [`Offer`](crate::auth::Offer).
    #[serde(rename = "pair")]
    Pair {
        /// What the device may do.
        scopes: BTreeSet<Scope>,
        /// How long its token counts, in milliseconds; for good, where nobody says.
        #[serde(default)]
        lives: Option<i64>,
    },
    /// Who may talk to the accounts: an [`AccessListed`](super::AccessListed).
    #[serde(rename = "access.list")]
    Access {},
    /// Lets in who was given a code: an [`Approved`](super::Approved).
    #[serde(rename = "access.approve")]
    Approve {
        /// The code.
        code: String,
    },
    /// Lets somebody in no longer.
    #[serde(rename = "access.revoke")]
    Revoke {
        /// Who: `support:123456`.
        person: String,
    },
}

/// Which entries of the log are wanted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogsWanted {
    /// What comes after this, which an answer gave as `next`; where it is left out, from `since` on.
    #[serde(default)]
    pub after: Option<String>,
    /// At most about so many: what belongs to one moment is not taken apart.
    #[serde(default)]
    pub limit: Option<usize>,
    /// How long the answer may wait for something to tell, in milliseconds; 25,000 at most.
    #[serde(default)]
    pub wait: Option<u64>,
    /// Only those of a flow of this name.
    #[serde(default)]
    pub flow: Option<String>,
    /// Only those that matter at least as much.
    #[serde(default)]
    pub level: Option<Level>,
    /// Only those of this moment and later, in milliseconds since 1970 UTC.
    #[serde(default)]
    pub since: Option<i64>,
}

/// A module to deploy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its bytes, as base64.
    pub module: Blob,
    /// Setting's full name → its value.
    #[serde(default)]
    pub settings: BTreeMap<Arc<str>, Json>,
    /// Slot's full name → what it stands for.
    #[serde(default)]
    pub bindings: BTreeMap<Arc<str>, Binding>,
    /// What it was compiled from, for people who look into runs.
    #[serde(default)]
    pub sources: Sources,
}

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It happened.
    Done,
    /// It did not.
    Failed,
}

/// The names of all methods.
const METHODS: [&str; 41] = [
    "tools.list",
    "tools.call",
    "tools.wait",
    "tools.cancel",
    "mcp.list",
    "mcp.trust",
    "backup.copy",
    "logs.read",
    "usage",
    "server.about",
    "channels.check",
    "deploy.all",
    "deployments.sources",
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
    "session.restore",
    "deploy",
    "deployments.list",
    "deployments.rollback",
    "deployments.collect",
    "tokens.list",
    "tokens.create",
    "tokens.revoke",
    "pair",
    "access.list",
    "access.approve",
    "access.revoke",
];

impl Request {
    /// Reads a call.
    pub(crate) fn read(method: &str, params: Json) -> Result<Request, Fault> {
        if !METHODS.contains(&method) {
            return Err(Fault::no_method(method));
        }
        let request = serde_json::from_value(json!({ "method": method, "params": params }));
        request.map_err(|e| Fault::params(format!("`{method}`: {e}")))
    }

    /// What who asks has to be allowed.
    pub fn scope(&self) -> Scope {
        match self {
            Request::List { .. }
            | Request::Finished { .. }
            | Request::Show { .. }
            | Request::Outbox(_)
            | Request::Message { .. }
            | Request::Sessions { .. }
            | Request::Session { .. }
            | Request::VerifySessions { .. }
            | Request::Deployments {}
            | Request::Sources { .. }
            | Request::Logs(_)
            | Request::Servers {}
            | Request::Usage { .. }
            | Request::About {} => Scope::Read,
            Request::Tools { .. }
            | Request::CallTool { .. }
            | Request::AwaitTool { .. }
            | Request::LeaveTool { .. } => Scope::Call,
            Request::Cancel { .. }
            | Request::TrustServer { .. }
            | Request::CheckChannels {}
            | Request::Start { .. }
            | Request::Move { .. }
            | Request::RetryRun { .. }
            | Request::RestoreSession { .. }
            | Request::Retry { .. }
            | Request::Drop { .. }
            | Request::Resolve { .. } => Scope::Operate,
            Request::Deploy { .. }
            | Request::DeployAll { .. }
            | Request::Rollback { .. }
            | Request::Collect { .. } => Scope::Deploy,
            Request::Forget { .. }
            | Request::Backup {}
            | Request::Tokens {}
            | Request::CreateToken { .. }
            | Request::RevokeToken { .. }
            | Request::Pair { .. }
            | Request::Access {}
            | Request::Approve { .. }
            | Request::Revoke { .. } => Scope::Admin,
        }
    }

    /// The method's name.
    pub fn name(&self) -> &'static str {
        match self {
            Request::Logs(_) => "logs.read",
            Request::Usage { .. } => "usage",
            Request::About {} => "server.about",
            Request::Backup {} => "backup.copy",
            Request::CheckChannels {} => "channels.check",
            Request::DeployAll { .. } => "deploy.all",
            Request::Sources { .. } => "deployments.sources",
            Request::List { .. } => "runs.list",
            Request::Finished { .. } => "runs.finished",
            Request::Show { .. } => "runs.show",
            Request::Cancel { .. } => "runs.cancel",
            Request::Start { .. } => "runs.start",
            Request::Move { .. } => "runs.move",
            Request::RetryRun { .. } => "runs.retry",
            Request::Resolve { .. } => "runs.resolve",
            Request::Outbox(_) => "outbox.list",
            Request::Message { .. } => "outbox.show",
            Request::Retry { .. } => "outbox.retry",
            Request::Drop { .. } => "outbox.drop",
            Request::Forget { .. } => "forget",
            Request::Sessions { .. } => "session.list",
            Request::Session { .. } => "session.show",
            Request::VerifySessions { .. } => "session.verify",
            Request::RestoreSession { .. } => "session.restore",
            Request::Deploy { .. } => "deploy",
            Request::Deployments {} => "deployments.list",
            Request::Rollback { .. } => "deployments.rollback",
            Request::Collect { .. } => "deployments.collect",
            Request::Tools { .. } => "tools.list",
            Request::CallTool { .. } => "tools.call",
            Request::AwaitTool { .. } => "tools.wait",
            Request::LeaveTool { .. } => "tools.cancel",
            Request::Servers {} => "mcp.list",
            Request::TrustServer { .. } => "mcp.trust",
            Request::Tokens {} => "tokens.list",
            Request::CreateToken { .. } => "tokens.create",
            Request::RevokeToken { .. } => "tokens.revoke",
            Request::Pair { .. } => "pair",
            Request::Access {} => "access.list",
            Request::Approve { .. } => "access.approve",
            Request::Revoke { .. } => "access.revoke",
        }
    }
}
