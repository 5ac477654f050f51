//! A run: its tasks, and what goes in and out of it.

use crate::exec::{Machine, Pause};
use crate::fault::{Broken, Fault};
use crate::host::{Host, Limits};
use crate::pieces::Still;
use crate::program::Program;
use crate::task::{Exit, Reason, State, Task, Undo};
use carapace_effect::{Failure, FailureKind, OpId, Outcome, Request, TaskPath};
use carapace_module::Value;
use carapace_module::code::Site;
use carapace_module::signature::FunctionId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A run of a function. A value: it can be written down and read back between two advances.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// In path order, which is the order in which they go on.
    pub(crate) tasks: BTreeMap<TaskPath, Task>,
    /// Those of them that can go on.
    ready: BTreeSet<TaskPath>,
    /// What is known of those that have not moved since the run was last written down.
    pub(crate) still: Still,
    /// Steps that nobody waits for any more and that may still turn out to have happened: then they are taken back.
    pub(crate) late: Vec<Undo>,
    /// Orders the undos of all tasks.
    pub(crate) sequence: u64,
    /// Numbers of tasks of their own that take a late step back.
    pub(crate) detached: u32,
    /// How the root ended.
    pub(crate) ended: Option<Status>,
    /// It was to end while something inside was taken back: it does when that is done.
    pub(crate) interrupted: Option<Exit>,
    /// Whether it failed, and its own `on failure` has dealt with that.
    pub(crate) handled: bool,
    pub(crate) requests: Vec<Request>,
    pub(crate) abandoned: Vec<OpId>,
    /// The first rule that the present stretch broke.
    broken: Option<Broken>,
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// Every task waits.
    Waiting,
    /// It returned.
    Finished(Value),
    /// It failed, and everything that was to be undone is undone.
    Failed(Failure),
    /// It was cancelled, and everything that was to be undone is undone.
    Cancelled(String),
    /// It broke a rule of the machine, and everything that was to be undone is undone.
    Fault(Broken),
}

/// What came of one advance.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// What it asks for now, in order.
    pub requests: Vec<Request>,
    /// Operations that it no longer waits for.
    pub abandoned: Vec<OpId>,
    /// Where it stands.
    pub status: Status,
    /// The first rule of the machine that it broke. The run may go on for a while: to take back what was done.
    pub broken: Option<Broken>,
    /// Where it has failed: whether its own `on failure` has dealt with that.
    pub handled: bool,
    /// What it cost.
    pub fuel_used: u64,
}

/// Where a task stands in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The task.
    pub task: TaskPath,
    /// Its frames, innermost first: function and place.
    pub frames: Vec<(Arc<str>, Option<Site>)>,
    /// The operation it waits for.
    pub waits_for: Option<OpId>,
}

impl Run {
    /// A run of `function`: a flow's body with the event's record or its parameters, or a test's.
    pub fn start(program: &Program, function: FunctionId, args: Vec<Value>) -> Run {
        let mut root = Task::new(TaskPath::default());
        let registers = program.module().function(function).map_or(0, |f| f.registers);
        root.push(function.0, registers, args, Reason::Base);
        let mut run = Run::empty();
        run.put(root);
        run
    }

    pub(crate) const fn empty() -> Run {
        Run {
            tasks: BTreeMap::new(),
            ready: BTreeSet::new(),
            still: Still::new(),
            late: Vec::new(),
            sequence: 0,
            detached: 0,
            ended: None,
            interrupted: None,
            handled: false,
            requests: Vec::new(),
            abandoned: Vec::new(),
            broken: None,
        }
    }

    /// Puts a task among the others.
    pub(crate) fn put(&mut self, task: Task) {
        if task.moves() {
            self.ready.insert(task.path.clone());
        }
        self.still.moved(&task.path);
        self.tasks.insert(task.path.clone(), task);
    }

    /// Takes a task out, to change or to end it.
    pub(crate) fn take(&mut self, path: &TaskPath) -> Option<Task> {
        self.ready.remove(path);
        self.still.gone(path);
        self.tasks.remove(path)
    }

    /// Tells what became of an operation. False where nothing waits for it.
    pub fn apply(&mut self, program: &Program, op: &OpId, outcome: Outcome) -> bool {
        let Some(mut task) = self.take(&op.task) else { return false };
        let taken = self.deliver(program, &mut task, op.ordinal, outcome);
        self.put(task);
        taken
    }

    /// Tells what became of an operation that the run stopped waiting for: if it happened after all, its undo is now
    /// due when its flow fails, or at once where that is past. False where nothing depends on it.
    pub fn apply_late(&mut self, program: &Program, op: &OpId, outcome: Outcome) -> bool {
        let holds = |task: &Task| task.undos.iter().any(|undo| undo.pending.as_ref() == Some(op));
        if let Some(path) = self.tasks.values().find(|task| holds(task)).map(|task| task.path.clone()) {
            if let Some(mut task) = self.take(&path) {
                self.settle_step(program, &mut task, op, outcome);
                self.put(task);
            }
            return true;
        }
        let Some(at) = self.late.iter().position(|u| u.pending.as_ref() == Some(op)) else { return false };
        match outcome {
            Outcome::Unknown => {}
            Outcome::Failed(_) => drop(self.late.remove(at)),
            Outcome::Done(value) | Outcome::Partly(value, _) => {
                let undo = self.late.remove(at);
                self.take_back_alone(program, undo, value);
            }
        }
        true
    }

    /// It is known what became of a step that a task still remembers.
    fn settle_step(&mut self, program: &Program, task: &mut Task, op: &OpId, outcome: Outcome) {
        let Some(at) = task.undos.iter().position(|undo| undo.pending.as_ref() == Some(op)) else { return };
        if outcome == Outcome::Unknown {
            return;
        }
        let mut undo = task.undos.remove(at);
        let awaited = task.state == State::Settling && at == task.undos.len();
        if awaited {
            task.state = State::Ready;
        }
        let (Outcome::Done(value) | Outcome::Partly(value, _)) = outcome else { return };
        if undo.function.is_none() {
            return;
        }
        if undo.past && !awaited {
            self.take_back_alone(program, undo, value);
            return;
        }
        undo.pending = None;
        undo.result = value;
        task.undos.insert(at, undo);
    }

    /// Asks the run to end: what was done is undone, then `on cancel` runs. One that is ending already ends as it
    /// would, but its `on failure` or `on cancel` is not waited for.
    pub fn cancel(&mut self, program: &Program, reason: &str) {
        self.interrupt(program, Exit::Cancel(reason.to_owned()));
    }

    /// Makes the run fail as a whole, whatever its `else`s say. Nothing happens where it is ending already.
    pub fn fail(&mut self, program: &Program, failure: Failure) {
        self.interrupt(program, Exit::Fail(failure));
    }

    /// Runs until every task waits or the run is over.
    pub fn advance(&mut self, program: &Program, host: &mut dyn Host, limits: Limits) -> Stretch {
        let mut machine = Machine::new(program, host, limits);
        let mut tries = 2_u32;
        loop {
            self.go_on(&mut machine);
            if self.held() <= limits.memory {
                break;
            }
            // All tasks together hold too much: the run as a whole has broken the rule.
            machine.host.roll_back();
            tries = tries.saturating_sub(1);
            match self.take(&TaskPath::default()) {
                Some(mut root) if tries > 0 => {
                    self.break_off(program, &mut root, Fault::Memory);
                    self.put(root);
                }
                root => {
                    let broken =
                        root.map_or(Broken::nowhere(Fault::Memory), |r| Broken::of(Fault::Memory, &r));
                    self.give_up(broken);
                    break;
                }
            }
        }
        self.forget_unsent();
        // What is read back is nobody's own: what goes on without having been written down must not know more.
        self.moved_tasks().flat_map(|task| &task.stack).for_each(Value::share);
        let over = self.tasks.is_empty();
        Stretch {
            requests: std::mem::take(&mut self.requests),
            abandoned: std::mem::take(&mut self.abandoned),
            status: self.ended.clone().filter(|_| over).unwrap_or(Status::Waiting),
            handled: self.handled && matches!(self.ended, Some(Status::Failed(_))),
            broken: self.broken.take(),
            fuel_used: machine.used(),
        }
    }

    /// Where its tasks stand.
    pub fn positions(&self, program: &Program) -> Vec<Position> {
        let place = |f: &crate::task::Frame| program.place(FunctionId(f.function), f.pc);
        self.tasks
            .values()
            .map(|task| Position {
                task: task.path.clone(),
                frames: task.frames.iter().rev().filter_map(place).collect(),
                waits_for: match task.state {
                    State::Waiting { ordinal, .. } => Some(task.op(ordinal)),
                    _ => None,
                },
            })
            .collect()
    }

    /// Advances whoever can, least path first, until all wait.
    fn go_on(&mut self, machine: &mut Machine<'_>) {
        while let Some(path) = self.ready.pop_first() {
            let Some(mut task) = self.take(&path) else { continue };
            let driven = self.drive(machine, &mut task);
            if driven.is_err() {
                machine.host.roll_back();
            }
            let fault = match driven {
                Ok(()) => None,
                // What no compiler emits is not to be trusted with handlers either.
                Err(fault @ Fault::Unsound(_)) => return self.give_up(Broken::of(fault, &task)),
                Err(Fault::Fuel) if !machine.refuel() => return self.give_up(Broken::of(Fault::Fuel, &task)),
                Err(fault) => Some(fault),
            };
            if let Some(fault) = fault {
                self.break_off(machine.program, &mut task, fault);
            }
            if task.is_ended() {
                self.over(machine.program, task);
            } else {
                self.put(task);
            }
        }
    }

    /// Runs one task until it waits or ends.
    fn drive(&mut self, machine: &mut Machine<'_>, task: &mut Task) -> Result<(), Fault> {
        while task.state == State::Ready {
            if task.unwinding.last().is_some_and(|unwind| task.frames.len() <= unwind.frame as usize + 1) {
                self.go_on_unwinding(machine.program, task);
                continue;
            }
            if task.frames.is_empty() {
                // A late step is taken back, and nothing waits for that.
                task.end(Ok(Value::None));
                break;
            }
            match machine.execute(&mut task.frames, &mut task.stack)? {
                Pause::Returned(Reason::Undo, _) => {}
                Pause::Returned(_, value) => task.end(Ok(value)),
                Pause::Task(instr) => self.instruct(machine, task, instr)?,
            }
        }
        if task.held() > machine.limits.memory { Err(Fault::Memory) } else { Ok(()) }
    }

    /// A task broke a rule: the flow that it is in takes its steps back and tells, and is over.
    fn break_off(&mut self, program: &Program, task: &mut Task, fault: Fault) {
        let broken = Broken::of(fault, task);
        self.broken.get_or_insert_with(|| broken.clone());
        self.let_go_of_wait(task);
        if !task.is_ended() {
            self.leave(program, task, Exit::Fault(broken));
        }
    }

    /// A task is over: its parent learns of it, or the run is over.
    fn over(&mut self, program: &Program, task: Task) {
        let State::Ended(end) = task.state else { return };
        if task.path.0.is_empty() {
            self.ended = Some(match end {
                Ok(value) | Err(Exit::Return(value)) => Status::Finished(value),
                Err(Exit::Fail(failure)) => Status::Failed(failure),
                Err(Exit::Cancel(reason)) => Status::Cancelled(reason),
                Err(Exit::Fault(broken)) => Status::Fault(broken),
            });
            // A step whose outcome is open when all is well is nobody's undo any more; one of a run that failed is.
            let well = matches!(self.ended, Some(Status::Finished(_)));
            let open =
                |undo: &Undo| undo.pending.is_some() && undo.function.is_some() && (!well || undo.past);
            self.late.extend(task.undos.into_iter().filter(open));
            return;
        }
        if is_detached(&task.path) {
            return;
        }
        let mut path = task.path.0.clone();
        let number = path.pop().unwrap_or_default();
        let Some(mut parent) = self.take(&TaskPath(path)) else { return };
        parent.adopt(task.undos);
        self.child_ended(program, &mut parent, number, end);
        self.put(parent);
    }

    /// Nothing goes on, and nothing is taken back: the code cannot be trusted, or cannot pay for it.
    fn give_up(&mut self, broken: Broken) {
        for path in self.tasks.keys().cloned().collect::<Vec<_>>() {
            if let Some(mut task) = self.take(&path) {
                self.let_go(&mut task);
            }
        }
        self.tasks.clear();
        self.ready.clear();
        self.still = Still::new();
        self.late.clear();
        self.interrupted = None;
        self.broken.get_or_insert_with(|| broken.clone());
        self.ended = Some(Status::Fault(broken));
    }

    /// What was asked and let go of in one stretch has not left anybody's hands: it was never asked.
    fn forget_unsent(&mut self) {
        if self.abandoned.is_empty() || self.requests.is_empty() {
            return;
        }
        let abandoned: BTreeSet<&OpId> = self.abandoned.iter().collect();
        let (unsent, sent): (Vec<Request>, Vec<Request>) =
            std::mem::take(&mut self.requests).into_iter().partition(|r| abandoned.contains(&r.op));
        self.requests = sent;
        if unsent.is_empty() {
            return;
        }
        let unsent: BTreeSet<OpId> = unsent.into_iter().map(|request| request.op).collect();
        self.abandoned.retain(|op| !unsent.contains(op));
        let happens = |undo: &Undo| undo.pending.as_ref().is_none_or(|op| !unsent.contains(op));
        self.late.retain(happens);
        for task in self.tasks.values_mut().filter(|task| !task.undos.iter().all(happens)) {
            task.undos.retain(happens);
            self.still.moved(&task.path);
        }
    }

    /// Logical size in bytes of everything it holds.
    fn held(&self) -> u64 {
        let moved = self.moved_tasks().map(Task::held);
        moved.chain(self.late.iter().map(Undo::size)).fold(self.still.held(), u64::saturating_add)
    }
}

impl Broken {
    /// The fault of a task, where it stands.
    fn of(fault: Fault, task: &Task) -> Broken {
        let (function, pc) = task.frames.last().map_or((0, 0), |frame| (frame.function, frame.pc));
        Broken { fault, function: FunctionId(function), pc }
    }

    const fn nowhere(fault: Fault) -> Broken {
        Broken { fault, function: FunctionId(0), pc: 0 }
    }
}

/// Tasks that take a late step back count down from the last number there is; branches count up, and never meet them.
pub(crate) fn is_detached(path: &TaskPath) -> bool {
    matches!(path.0.as_slice(), [number] if *number > u32::MAX / 2)
}

/// The failure of a deadline.
pub(crate) fn timeout() -> Failure {
    Failure::new(FailureKind::Timeout, "it took too long")
}
