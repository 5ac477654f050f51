//! A decision in the making: the records so far, and what later parts of it must know of earlier ones.

use crate::command::Call;
use crate::entropy::Entropy;
use crate::record::{DropReason, Dropped, Record};
use crate::state::{Deployment, State, Window};
use crate::stored::Run;
use crate::{DeploymentId, Destination, EventNumber, LaneId};
use carapace_effect::{OpId, RunId};
use carapace_module::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A decision in the making.
pub(crate) struct Draft<'a> {
    pub(crate) state: &'a State,
    pub(crate) now: i64,
    pub(crate) entropy: Entropy,
    pub(crate) records: Vec<Record>,
    /// Starts that this decision has counted already.
    pub(crate) counted: BTreeMap<Window, usize>,
    /// Runs that it has created.
    pub(crate) born: BTreeMap<Window, u32>,
    /// The records on which runs begin that it has let go.
    pub(crate) on_record: Vec<(RunId, DeploymentId, Value)>,
    /// Keys that it has remembered.
    pub(crate) deduped: BTreeSet<Arc<str>>,
    /// Lanes that it has let a run into.
    pub(crate) entered: BTreeSet<LaneId>,
    /// How many runs it has put into a lane's queue.
    pub(crate) queued: BTreeMap<LaneId, usize>,
    /// Runs it has cancelled.
    pub(crate) cancelled: BTreeSet<RunId>,
    /// Events that it has emitted, and runs that it has started for runs.
    pub(crate) set_off: u32,
    /// Whether it has answered the request of its run.
    pub(crate) answered: bool,
    /// The request that it is about, and what that started.
    pub(crate) call: Option<Call>,
    /// Listeners' events that it has given away.
    pub(crate) taken: BTreeMap<OpId, usize>,
    /// Where messages of it go, or wait to go.
    pub(crate) begun: BTreeSet<Destination>,
    next_event: u64,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(state: &'a State, now: i64, entropy: [u64; 2]) -> Draft<'a> {
        Draft {
            state,
            now,
            entropy: Entropy::new(entropy),
            records: Vec::new(),
            counted: BTreeMap::new(),
            born: BTreeMap::new(),
            on_record: Vec::new(),
            deduped: BTreeSet::new(),
            entered: BTreeSet::new(),
            queued: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            set_off: 0,
            answered: false,
            call: None,
            taken: BTreeMap::new(),
            begun: BTreeSet::new(),
            next_event: state.events.next().0,
        }
    }

    pub(crate) fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    /// Counts something that a run sets off inside; false where the event it is about has set off too much already.
    pub(crate) fn may_set_off(&mut self, run: &Run) -> bool {
        let Some(root) = self.root_of(run) else { return true };
        let may = self.state.regulation.may_set_off(root, self.set_off, self.now);
        self.set_off = self.set_off.saturating_add(u32::from(may));
        may
    }

    /// The event from outside that led to a run.
    pub(crate) fn root_of(&self, run: &Run) -> Option<EventNumber> {
        run.event.map(|event| self.state.events.root(event))
    }

    pub(crate) fn event_number(&mut self) -> EventNumber {
        let number = EventNumber(self.next_event);
        self.next_event += 1;
        number
    }

    pub(crate) fn drop(&mut self, event: EventNumber, flow: &Arc<str>, reason: DropReason) {
        self.push(Record::Dropped(Dropped { event, flow: flow.clone(), reason }));
    }

    /// The deployments that take new events and whose code is there, by package.
    pub(crate) fn serving(&self) -> impl Iterator<Item = &'a Arc<Deployment>> + use<'a> {
        self.state.deployments.serving().filter(|deployment| deployment.code.is_ok())
    }

    /// The deployment that takes this flow's new events.
    pub(crate) fn serving_flow(&self, flow: &str) -> Option<&'a Arc<Deployment>> {
        self.state.deployments.serving_flow(flow)
    }

    /// The deployment that a run is pinned to.
    pub(crate) fn deployment_of(&self, run: RunId) -> Option<&'a Arc<Deployment>> {
        self.state.deployments.get(self.state.runs.get(run)?.deployment)
    }
}
