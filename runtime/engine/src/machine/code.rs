//! A loaded module, and one run of it.

use super::{Host, Limits};
use carapace_effect::{Failure, OpId, Outcome, Request};
use carapace_module::code::Site;
use carapace_module::signature::FunctionId;
use carapace_module::{Module, Value};
use std::fmt;
use std::sync::Arc;

/// Turns a module's bytes into code, verified. A plain function, so that a state can be rebuilt anywhere.
pub type Loader = fn(&[u8]) -> Result<Arc<dyn Code>, String>;

/// A verified module.
pub trait Code: Send + Sync + fmt::Debug {
    /// What it says about itself.
    fn module(&self) -> &Module;
    /// A new run of a function.
    fn start(&self, function: FunctionId, args: Vec<Value>) -> Box<dyn Frames>;
    /// A run as it was written down.
    fn restore(&self, snapshot: &[u8]) -> Result<Box<dyn Frames>, String>;
    /// A run of `flow` that was written down by the module `from`, as one of this code: it stands at the wait of the same
    /// name. An error says, in words, why that cannot be.
    fn moved(&self, from: &Module, flow: &str, snapshot: &[u8]) -> Result<Vec<u8>, String> {
        let _ = (from, flow, snapshot);
        Err("this machine cannot do it".to_owned())
    }
    /// Calls a pure function: a guard, a key, a condition.
    fn call_pure(
        &self,
        function: FunctionId,
        args: &[Value],
        host: &mut dyn Host,
        limits: Limits,
    ) -> Result<Value, String>;
}

/// A run's frames.
pub trait Frames: Send {
    /// Tells what became of an operation.
    fn apply(&mut self, op: &OpId, outcome: Outcome);
    /// Tells what became of an operation that it stopped waiting for.
    fn apply_late(&mut self, op: &OpId, outcome: Outcome);
    /// Asks it to end.
    fn cancel(&mut self, reason: &str);
    /// Makes it fail as a whole: its `timeout` is over.
    fn fail(&mut self, failure: Failure);
    /// Runs until every task waits, or the run is over.
    fn advance(&mut self, host: &mut dyn Host, limits: Limits) -> Stretch;
    /// Writes it down, canonically, in pieces. One of which nothing has changed since the last call is the same piece
    /// again, at the same address: what changed is found among the others.
    fn pieces(&mut self) -> Vec<Arc<[u8]>>;
    /// The site in the module at which it broke a rule of the machine, where it did and that is known.
    fn broke_at(&self) -> Option<u32> {
        None
    }
    /// Where its tasks stand in the source; none where the machine cannot say.
    fn tasks(&self) -> Vec<Task> {
        Vec::new()
    }
}

/// Where a task of a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its frames, innermost first: function and place.
    pub frames: Vec<(Arc<str>, Option<Site>)>,
    /// The operation it waits for.
    pub waits_for: Option<OpId>,
}

/// What came of one advance.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// What it asks for now.
    pub requests: Vec<Request>,
    /// What it no longer waits for.
    pub abandoned: Vec<OpId>,
    /// Where it stands.
    pub status: StretchStatus,
    /// Where it has failed: whether its own `on failure` has dealt with that.
    pub handled: bool,
    /// What it cost.
    pub fuel_used: u64,
}

/// Where a run stands after an advance.
#[derive(Debug, Clone, PartialEq)]
pub enum StretchStatus {
    /// Every task waits.
    Waiting,
    /// It returned.
    Finished(Value),
    /// It failed, and everything that was to be undone is undone.
    Failed(Failure),
    /// It was cancelled.
    Cancelled(String),
    /// It broke a rule of the machine: overflow, fuel, memory.
    Fault(String),
    /// The machine itself failed at it, and said this: nothing of the stretch counts.
    Panicked(String),
}
