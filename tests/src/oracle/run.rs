//! A run of the oracle, driven like a run of the machine: outcomes in, requests out.

use super::context::{Machine, Place, Step};
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
    root: Rc<Task>,
    result: Rc<RefCell<Option<Result<Value, Exit>>>>,
}

impl<'p> OracleRun<'p> {
    fn new(program: &'p Program) -> OracleRun<'p> {
        let root = Rc::new(Task::new(TaskPath::default()));
        OracleRun { machine: Machine::new(program), root, result: Rc::default() }
    }

    /// A run of a flow with these parameters or event fields.
    pub fn flow(program: &'p Program, flow: FlowId, args: Vec<Value>) -> OracleRun<'p> {
        let run = OracleRun::new(program);
        let (machine, result) = (Rc::clone(&run.machine), Rc::clone(&run.result));
        let task = Rc::clone(&run.root);
        run.machine.scheduler.spawn(TaskPath::default(), async move {
            let root = root(task);
            let ended = machine.enter_flow(&root, flow, args).await;
            let undos = root.undos.take();
            match &ended {
                // A step whose outcome is open when all is well is nobody's undo any more; one of a run that failed is.
                Ok(_) => undos.iter().for_each(|undo| {
                    if let Step::Open(op) = &*undo.state.borrow()
                        && (undo.body.is_none() || !machine.late.borrow().contains(op))
                    {
                        machine.open.borrow_mut().remove(op);
                    }
                }),
                Err(_) => machine.past(undos.iter()),
            }
            *result.borrow_mut() = Some(ended);
        });
        run
    }

    /// A call of a pure function.
    pub fn function(program: &'p Program, function: FunctionRef, args: Vec<Value>) -> OracleRun<'p> {
        let run = OracleRun::new(program);
        let (machine, result) = (Rc::clone(&run.machine), Rc::clone(&run.result));
        let task = Rc::clone(&run.root);
        run.machine.scheduler.spawn(TaskPath::default(), async move {
            let ended = machine.call(&root(task), function, args).await;
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

    /// Tells what became of an operation that the run stopped waiting for; false where nothing depends on it.
    pub fn apply_late(&self, op: &OpId, outcome: Outcome) -> bool {
        let Some(step) = self.machine.open.borrow().get(op).cloned() else { return false };
        match outcome {
            Outcome::Unknown => return true,
            Outcome::Failed(_) => *step.state.borrow_mut() = Step::Gone,
            Outcome::Done(value) | Outcome::Partly(value, _) => {
                let _ = step.happened(&value);
            }
        }
        self.machine.open.borrow_mut().remove(op);
        let late = self.machine.late.borrow_mut().remove(op);
        let settling = self.machine.settling.borrow_mut().remove(op);
        if let Some(task) = &settling {
            self.machine.scheduler.wake(task);
        }
        if late
            && settling.is_none()
            && *step.state.borrow() == Step::Done
            && let Some(body) = step.body
        {
            *step.state.borrow_mut() = Step::Gone;
            let number = self.machine.detached.get();
            self.machine.detached.set(number + 1);
            let path = TaskPath(vec![u32::MAX - number]);
            let place = Place { task: Rc::new(Task::new(path.clone())), undos: Rc::default(), ..step.place };
            let machine = Rc::clone(&self.machine);
            self.machine.scheduler.spawn(path, async move { machine.undo(&place, body).await });
        }
        true
    }

    /// Asks the run to end: it takes back what it did, and runs its `on cancel`.
    pub fn cancel(&self, reason: &str) {
        self.interrupt(Exit::Cancel(reason.to_owned()));
    }

    /// Makes the run fail as a whole.
    pub fn fail(&self, failure: Failure) {
        self.interrupt(Exit::Fail(failure));
    }

    fn interrupt(&self, exit: Exit) {
        // While something is taken back, the flow around it ends afterwards; without one nothing does.
        let undoing = self.root.undoing.get() > 0;
        if self.result.borrow().is_some() || (undoing && self.root.flows.get() == 0) {
            return;
        }
        self.machine.interrupt.borrow_mut().get_or_insert(exit);
        if !undoing {
            self.machine.scheduler.wake(&TaskPath::default());
            self.machine.scheduler.run();
            // Whoever did not take it now never will.
            if self.root.undoing.get() == 0 {
                self.machine.interrupt.take();
            }
        }
    }

    /// Whether it broke a bound. Bounds are the machine's: the two need not break them at the same place.
    pub fn is_bounded(&self) -> bool {
        self.machine.bounded.get()
    }

    /// Goes on until everything waits: what was asked, what is no longer waited for, and where the run stands.
    pub fn advance(&self) -> (Vec<Asked>, Vec<OpId>, Status) {
        self.machine.scheduler.run();
        let (asked, abandoned, unsent) = self.machine.scheduler.drain();
        for op in unsent {
            if let Some(step) = self.machine.open.borrow_mut().remove(&op) {
                *step.state.borrow_mut() = Step::Gone;
            }
            self.machine.late.borrow_mut().remove(&op);
        }
        // It is over when what was done late is taken back, too.
        if !self.machine.scheduler.is_empty() {
            return (asked, abandoned, Status::Waiting);
        }
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

fn root<'p>(task: Rc<Task>) -> Place<'p> {
    Place { task, locals: &[], frame: Rc::default(), undos: Rc::default(), depth: 0, run: "run" }
}
