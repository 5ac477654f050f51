//! A run of the oracle, driven like a run of the machine: outcomes in, requests out.

use super::context::{Machine, Place};
use super::exit::{Exit, Fault};
use super::scheduler::{Asked, Task};
use carapace_check::tree::{FlowId, FunctionRef, Program, SettingId};
use carapace_effect::{Failure, OpId, Outcome, TaskPath};
use carapace_module::Value;
use std::cell::RefCell;
use std::rc::Rc;

/// Where a run stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// It waits.
    Waiting,
    /// It returned.
    Finished(Value),
    /// It failed, and what was to be undone is undone.
    Failed(Failure),
    /// It was cancelled.
    Cancelled(String),
    /// It broke a rule.
    Fault(Fault),
}

/// A run.
pub struct OracleRun<'p> {
    machine: Rc<Machine<'p>>,
    result: Rc<RefCell<Option<Result<Value, Exit>>>>,
}

impl<'p> OracleRun<'p> {
    /// A run of a flow with these parameters or event fields.
    pub fn flow(program: &'p Program, flow: FlowId, args: Vec<Value>) -> OracleRun<'p> {
        let run = OracleRun { machine: Machine::new(program), result: Rc::default() };
        let (machine, result) = (Rc::clone(&run.machine), Rc::clone(&run.result));
        run.machine.scheduler.spawn(TaskPath::default(), async move {
            let ended = machine.enter_flow(&root(), flow, args).await;
            *result.borrow_mut() = Some(ended);
        });
        run
    }

    /// A call of a pure function.
    pub fn function(program: &'p Program, function: FunctionRef, args: Vec<Value>) -> OracleRun<'p> {
        let run = OracleRun { machine: Machine::new(program), result: Rc::default() };
        let (machine, result) = (Rc::clone(&run.machine), Rc::clone(&run.result));
        run.machine.scheduler.spawn(TaskPath::default(), async move {
            let ended = machine.call(&root(), function, args).await;
            *result.borrow_mut() = Some(ended);
        });
        run
    }

    /// Sets the clock that `now()` reads.
    pub fn set_now(&self, now: i64) {
        self.machine.world.borrow_mut().now = now;
    }

    /// Gives a setting another value than its default.
    pub fn set_setting(&self, setting: SettingId, value: Value) {
        self.machine.world.borrow_mut().settings.insert(setting, value);
    }

    /// Tells what became of an operation; false where nobody waits for it.
    pub fn apply(&self, op: &OpId, outcome: Outcome) -> bool {
        self.machine.scheduler.settle(op, outcome)
    }

    /// Whether it broke a bound. Bounds are the machine's: the two need not break them at the same place.
    pub fn is_bounded(&self) -> bool {
        self.machine.bounded.get()
    }

    /// Goes on until everything waits: what was asked, what is no longer waited for, and where the run stands.
    pub fn advance(&self) -> (Vec<Asked>, Vec<OpId>, Status) {
        self.machine.scheduler.run();
        let (asked, abandoned) = self.machine.scheduler.drain();
        let status = match self.result.borrow().as_ref() {
            None => Status::Waiting,
            Some(Ok(value) | Err(Exit::Return(value))) => Status::Finished(value.clone()),
            Some(Err(Exit::Fail(failure))) => Status::Failed(failure.clone()),
            Some(Err(Exit::Cancel(reason))) => Status::Cancelled(reason.clone()),
            Some(Err(Exit::Fault(fault))) => Status::Fault(fault.clone()),
            // Nobody can know: a person resolves it, and until then the run waits.
            Some(Err(Exit::Unknown)) => Status::Waiting,
            Some(Err(Exit::Break | Exit::Continue)) => {
                Status::Fault(Fault::Broken("`break` outside of a loop".to_owned()))
            }
        };
        (asked, abandoned, status)
    }
}

fn root<'p>() -> Place<'p> {
    Place {
        task: Rc::new(Task::new(TaskPath::default())),
        locals: &[],
        frame: Rc::default(),
        undos: Rc::default(),
        depth: 0,
        run: "run",
    }
}
