//! What can be asked of the engine: a closed set. `decide` has a file for each.

use crate::Event;
use crate::Report;
use crate::deployment::Deploy;
use crate::record::{Forgetting, Previewed, Responded};
use crate::stored::Staleness;
use crate::stretch::Ran;
use crate::{ActId, EventNumber, Key, Timer};
use carapace_effect::{Failure, OpId, Reach, Remembered, RunId, SessionKey, Usage};
use carapace_module::Value;
use std::sync::Arc;

/// A command, with the time and the entropy that deciding it may use.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Milliseconds since 1970 UTC.
    pub now: i64,
    /// Random bits: ids, jitter, `random()`.
    pub entropy: [u64; 2],
    /// What is asked.
    pub input: Input,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Deploy, or deploy anew.
    Deploy(Box<Deploy>),
    /// Deploy, or deploy anew, several packages: all of them, or none.
    DeployAll(Vec<Deploy>),
    /// Take a package out: it gets no new events, and its runs go on.
    Withdraw {
        /// Its name.
        package: Arc<str>,
    },
    /// Go back to a deployment as it was.
    Rollback {
        /// The package.
        package: Arc<str>,
        /// Which; the one before the one that serves, where nobody says.
        to: Option<crate::DeploymentId>,
    },
    /// Forget deployments that serve nobody, that no run is pinned to, and that are not among the latest.
    Collect {
        /// How many former ones of each package are kept to go back to.
        former: usize,
    },
    /// Modules that nobody needs are gone from the store.
    Swept {
        /// Their names.
        modules: Vec<Arc<str>>,
    },
    /// The accounts that the runtime has: what goes to others waits for them.
    Accounts {
        /// Their names.
        there: std::collections::BTreeSet<Arc<str>>,
    },
    /// Something happened.
    Event(Box<Event>),
    /// A performer reports.
    Report(Box<Report>),
    /// Models were asked by the interface for programs, in no run's name.
    Used {
        /// The name of whoever asked, as a token has it.
        by: Arc<str>,
        /// What each request used up.
        usage: Vec<Usage>,
    },
    /// A timer's time has come.
    Timer {
        /// When it was due.
        due: i64,
        /// Which.
        timer: Timer,
    },
    /// A piece of the state's own agenda.
    Work(u64),
    /// A run whose code is there again, or that was forgotten: it goes on.
    Wake {
        /// Which.
        run: RunId,
    },
    /// A run was advanced.
    Ran(Box<Ran>),
    /// Whoever performs something for a run calls a flow in its name.
    Call {
        /// Its full name.
        flow: Arc<str>,
        /// One value a parameter.
        args: Vec<Value>,
        /// The run: the called one shares its event, so that replies go the same way.
        parent: RunId,
    },
    /// Somebody outside calls a flow or a tool of what serves: there is no event, and so nobody to reply to. Answered with
    /// [`Reply::Started`].
    Invoke {
        /// Who, by the name of their token: what models use up for it is counted to them.
        by: Arc<str>,
        /// The package.
        package: Arc<str>,
        /// The flow's full name.
        flow: Arc<str>,
        /// What it is given, by parameter, as canonical JSON.
        arguments: serde_json::Map<String, serde_json::Value>,
    },
    /// The older turns of a session are in the store.
    Compact {
        /// Which.
        session: SessionKey,
        /// The number of the last of them.
        through: u64,
        /// The blob that holds them.
        archive: Arc<str>,
    },
    /// The turns of a session that were put away last, as its blob has them, shall be back.
    Restore {
        /// Which.
        session: SessionKey,
        /// The blob.
        archive: Arc<str>,
        /// What it holds.
        turns: Vec<Remembered>,
    },
    /// Cancel a run.
    Cancel {
        /// Which.
        run: RunId,
        /// Why, for a person.
        reason: Arc<str>,
    },
    /// Have a run that stands at a wait with a name go on with the version that serves.
    Move {
        /// Which.
        run: RunId,
    },
    /// The process before this one ended while it carried a run out.
    Crashed {
        /// Which.
        run: RunId,
    },
    /// A person wants a run tried again.
    Retry {
        /// Which.
        run: RunId,
    },
    /// A person says what became of an operation whose outcome is unknown.
    Resolve {
        /// The run.
        run: RunId,
        /// Its operation.
        op: OpId,
        /// What became of it.
        outcome: Resolution,
    },
    /// A message holds a preview of an answer, or does not any more.
    Previewed(Previewed),
    /// A platform says how far a message got.
    Receipt(Receipt),
    /// A person wants a message sent again, or thrown away.
    Outbox {
        /// Which.
        act: ActId,
        /// What they want.
        wish: Wish,
    },
    /// Says what becomes of messages of an account that waited too long.
    Staleness {
        /// The account.
        account: Arc<str>,
        /// What.
        staleness: Staleness,
    },
    /// The process that had started an act is gone: it is started again, where that is allowed, or unknown.
    Lost {
        /// Which.
        act: ActId,
    },
    /// Somebody is to be forgotten, of whom this is kept.
    Forget(Box<Forgetting>),
    /// Nothing of them stands in the journal any more.
    Forgot {
        /// How many records were erased.
        records: u64,
    },
    /// Writes a state from outside (tests, migrations).
    SetState {
        /// Its full name.
        name: Arc<str>,
        /// The key.
        key: Key,
        /// What it shall be.
        value: Value,
    },
    /// A channel says whether it hears. While it does not, deadlines of questions on it wait.
    Channel {
        /// The account.
        account: Arc<str>,
        /// Whether everything that piled up was pushed.
        caught_up: bool,
    },
}

/// A platform says how far a message got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The account that sent it.
    pub account: Arc<str>,
    /// Where it stands.
    pub conversation: Arc<str>,
    /// The platform's id of it.
    pub message: Arc<str>,
    /// How far.
    pub reach: Reach,
}

/// What a person wants of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// That it is sent again.
    Retry,
    /// That it is thrown away.
    Drop,
}

/// What a person knows about an operation whose outcome was unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolution {
    /// It happened, with this answer.
    Done(Value),
    /// It did not.
    Failed(Failure),
}

/// What the one who asked is told, once the line is durable.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Done, or nothing to do.
    Done,
    /// The event was taken in.
    Accepted,
    /// The event came before.
    Duplicate,
    /// The request came before, and this was its answer.
    Answered(Arc<Responded>),
    /// The event cannot be taken now; not before this many milliseconds.
    Busy(i64),
    /// A run was called: this one.
    Started(RunId),
    /// Deployed, as this.
    Deployed(crate::DeploymentId),
    /// Deployed, as these, in the order in which they were asked for.
    DeployedAll(Vec<crate::DeploymentId>),
    /// It makes no sense: nothing was changed.
    Rejected(Rejection),
}

/// What became of a request that a webhook brought, once the line is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The event that it was taken in as, now or when it came first.
    pub event: EventNumber,
    /// The runs that it started, in order.
    pub runs: Vec<RunId>,
    /// Whether something may still answer it.
    pub open: bool,
}

/// Why a command was turned down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// `E0921`.
    pub code: &'static str,
    /// One line: lower case, no full stop.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}
