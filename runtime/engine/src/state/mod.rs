//! Everything the engine knows, and how facts change it. Tables change only in `evolve`.
//!
//! A state is its tables; what can be computed from them (indexes, loaded code) is rebuilt, never written down.

mod agenda;
mod answers;
mod deployments;
mod events;
mod evolve;
mod failed;
mod finished;
mod forgetting;
mod ground;
mod keys;
mod lanes;
mod ledger;
mod outbox;
mod regulation;
mod resting;
mod runs;
mod seen;
mod sessions;
mod snapshot;
mod table;
mod talks;
mod timers;
mod values;
mod waits;

pub use agenda::{Agenda, Work};
pub use answers::Answers;
pub use deployments::{Deployment, Deployments};
pub(crate) use deployments::{state_shape, state_shapes};
pub use events::{Events, Taken};
pub(crate) use evolve::dedupe_key;
pub use failed::{Failed, Kept};
pub use finished::{Finished, Summary};
pub use forgetting::Forgettings;
pub use keys::{EventKey, EventKeys};
pub use lanes::{Lane, Lanes};
pub use ledger::{KEPT as LEDGER_DAYS, LONGEST_WINDOW, Ledger, Line, Sum};
pub use outbox::{Account, Away, Entry, Held, Outbox, OutboxLane, Pace, Pause, SentMessage};
pub use regulation::{Debouncing, Regulation, Window};
pub use runs::Runs;
pub use seen::SeenTable;
pub use sessions::Sessions;
pub use snapshot::RestoreError;
pub use talks::Talks;
pub use timers::Timers;
pub use values::{Cell, Values};

use crate::machine::Loader;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The whole engine at one position of the journal.
#[derive(Debug, Clone)]
pub struct State {
    /// Turns modules into code.
    pub(crate) loader: Loader,
    /// Where what rests lies.
    pub(crate) ground: ground::Ground,
    pub(crate) cleaning: resting::Cleaning,
    /// Whether a store keeps modules, so that records only name them.
    pub(crate) modules_kept: bool,
    /// How many lines were applied.
    pub sequence: u64,
    /// What is and was deployed.
    pub deployments: Deployments,
    /// The accounts that the runtime has; none while nobody has said.
    pub accounts: Option<BTreeSet<Arc<str>>>,
    /// Events that something still refers to.
    pub events: Events,
    /// Events that came before.
    pub seen: EventKeys,
    /// What requests among them were answered.
    pub answers: Answers,
    /// Limits, duplicates, debounces.
    pub regulation: Regulation,
    /// Whether it is looked for those who only answer each other.
    pub(crate) breaks_loops: bool,
    /// Whether exchanges with agents are opened by whoever performs, as the world of a test does.
    pub(crate) rehearses: bool,
    /// Who talks with us where, at which pace.
    pub talks: Talks,
    /// Runs that go one after the other.
    pub lanes: Lanes,
    /// Runs that live.
    pub runs: Runs,
    /// What is due when.
    pub timers: Timers,
    /// `state`.
    pub values: Values,
    /// The type of each state that was ever deployed, written out: what stands in `values`, or would.
    pub shapes: BTreeMap<Arc<str>, Arc<str>>,
    /// Next slot of each schedule.
    pub schedules: BTreeMap<(Arc<str>, u32), i64>,
    /// Slots of schedules that were claimed lately: when, and the flow.
    pub claims: BTreeSet<(i64, Arc<str>)>,
    /// What is to be done at once.
    pub agenda: Agenda,
    /// Since when channels do not hear.
    pub deaf: BTreeMap<Arc<str>, i64>,
    /// Messages on their way out.
    pub outbox: Outbox,
    /// The last runs that finished.
    pub finished: Finished,
    /// What runs that failed lately started from.
    pub failed: Failed,
    /// Who is being forgotten.
    pub forgettings: Forgettings,
    /// What agents and people have said.
    pub sessions: Sessions,
    /// What asking models has used up.
    pub ledger: Ledger,
}

impl State {
    /// Before anything happened.
    pub fn new(loader: Loader) -> State {
        State {
            loader,
            ground: ground::Ground::default(),
            cleaning: resting::Cleaning::default(),
            modules_kept: false,
            sequence: 0,
            deployments: Deployments::default(),
            accounts: None,
            events: Events::default(),
            seen: EventKeys::default(),
            answers: Answers::default(),
            regulation: Regulation::default(),
            breaks_loops: false,
            rehearses: false,
            talks: Talks::default(),
            lanes: Lanes::default(),
            runs: Runs::default(),
            timers: Timers::default(),
            values: Values::default(),
            schedules: BTreeMap::new(),
            claims: BTreeSet::new(),
            shapes: BTreeMap::new(),
            agenda: Agenda::default(),
            deaf: BTreeMap::new(),
            outbox: Outbox::default(),
            finished: Finished::default(),
            failed: Failed::default(),
            forgettings: Forgettings::default(),
            sessions: Sessions::default(),
            ledger: Ledger::default(),
        }
    }

    /// Whether the runtime has this account, as far as anybody has said.
    pub fn has_account(&self, account: &str) -> bool {
        self.accounts.as_ref().is_none_or(|there| there.contains(account))
    }
}
