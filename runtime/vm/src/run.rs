//! A run: its tasks, and what goes in and out of it.

use crate::exec::{Machine, Pause};
use crate::fault::Fault;
use crate::host::{Host, Limits};
use crate::program::Program;
use crate::task::{Exit, Reason, State, Task, Undo};
use carapace_effect::{Failure, FailureKind, OpId, Outcome, Request, TaskPath};
use carapace_module::Value;
use carapace_module::code::Site;
use carapace_module::signature::FunctionId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A run of a function. A value: it can be written down and read back between two advances.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// In path order, which is the order in which they go on.
    pub(crate) tasks: BTreeMap<TaskPath, Task>,
    /// Steps that nobody waits for any more and that may still turn out to have happened: then they are taken back.
    pub(crate) late: Vec<Undo>,
    /// Orders the undos of all tasks.
    pub(crate) sequence: u64,
    /// Numbers of children of the root, for what is taken back after the root is gone.
    pub(crate) detached: u32,
    /// How the root ended.
    pub(crate) ended: Option<Status>,
    pub(crate) requests: Vec<Request>,
    pub(crate) abandoned: Vec<OpId>,
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
    /// It broke a rule of the machine.
    Fault(Fault),
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
        Run {
            tasks: BTreeMap::from([(root.path.clone(), root)]),
            late: Vec::new(),
            sequence: 0,
            detached: 0,
            ended: None,
            requests: Vec::new(),
            abandoned: Vec::new(),
        }
    }

    /// Tells what became of an operation. False where nothing waits for it.
    pub fn apply(&mut self, op: &OpId, outcome: Outcome) -> bool {
        let Some(mut task) = self.tasks.remove(&op.task) else { return false };
        let taken = self.deliver(&mut task, op.ordinal, outcome);
        self.tasks.insert(task.path.clone(), task);
        taken
    }

    /// Tells what became of an operation that the run stopped waiting for: if it happened after all, its undo is now
    /// due when its flow fails, or at once where that is past. False where nothing depends on it.
    pub fn apply_late(&mut self, program: &Program, op: &OpId, outcome: Outcome) -> bool {
        for task in self.tasks.values_mut() {
            if let Some(at) = task.undos.iter().position(|u| u.pending.as_ref() == Some(op)) {
                match outcome {
                    Outcome::Done(value) => {
                        if let Some(undo) = task.undos.get_mut(at) {
                            undo.pending = None;
                            undo.result = value;
                        }
                    }
                    Outcome::Failed(_) => drop(task.undos.remove(at)),
                    Outcome::Unknown => {}
                }
                return true;
            }
        }
        let Some(at) = self.late.iter().position(|u| u.pending.as_ref() == Some(op)) else { return false };
        match outcome {
            Outcome::Unknown => {}
            Outcome::Failed(_) => drop(self.late.remove(at)),
            Outcome::Done(value) => {
                let undo = self.late.remove(at);
                self.take_back_alone(program, undo, value);
            }
        }
        true
    }

    /// Asks the run to end: what was done is undone, then `on cancel` runs. Nothing happens where it is ending already.
    pub fn cancel(&mut self, reason: &str) {
        self.interrupt(Exit::Cancel(reason.to_owned()));
    }

    /// Makes the run fail as a whole, whatever its `else`s say.
    pub fn fail(&mut self, failure: Failure) {
        self.interrupt(Exit::Fail(failure));
    }

    /// Runs until every task waits or the run is over.
    pub fn advance(&mut self, program: &Program, host: &mut dyn Host, limits: Limits) -> Stretch {
        let mut machine = Machine::new(program, host, limits);
        while self.ended.as_ref().is_none_or(|s| !matches!(s, Status::Fault(_))) {
            let moves = |t: &&Task| matches!(t.state, State::Ready | State::Ended(_));
            let Some(path) = self.tasks.values().find(moves).map(|t| t.path.clone()) else { break };
            let Some(mut task) = self.tasks.remove(&path) else { break };
            let result = self.drive(&mut machine, &mut task);
            match result {
                Ok(()) if task.is_ended() => self.over(program, task),
                Ok(()) => {
                    self.tasks.insert(path, task);
                }
                Err(fault) => {
                    self.tasks.insert(path, task);
                    self.give_up(fault);
                }
            }
        }
        let fuel_used = limits.fuel.saturating_sub(machine.fuel);
        let over = self.tasks.is_empty();
        let status = self.ended.clone().filter(|_| over).unwrap_or(Status::Waiting);
        Stretch {
            requests: std::mem::take(&mut self.requests),
            abandoned: std::mem::take(&mut self.abandoned),
            status,
            fuel_used,
        }
    }

    /// Where its tasks stand.
    pub fn positions(&self, program: &Program) -> Vec<Position> {
        let module = program.module();
        let frame = |f: &crate::task::Frame| {
            let function = module.functions.get(f.function as usize)?;
            // The pc is behind the instruction that waits.
            let at = function.sites.partition_point(|(from, _)| *from < f.pc.max(1));
            let site = at.checked_sub(1).and_then(|at| function.sites.get(at)).map(|(_, site)| *site);
            let site = site.and_then(|site| module.sites.get(site as usize)).copied();
            Some((function.name.clone(), site))
        };
        self.tasks
            .values()
            .map(|task| Position {
                task: task.path.clone(),
                frames: task.frames.iter().rev().filter_map(frame).collect(),
                waits_for: match task.state {
                    State::Waiting { ordinal, .. } => Some(task.op(ordinal)),
                    _ => None,
                },
            })
            .collect()
    }

    /// Runs one task until it waits or ends.
    fn drive(&mut self, machine: &mut Machine<'_>, task: &mut Task) -> Result<(), Fault> {
        while task.state == State::Ready {
            if !task.unwinding.is_empty() && task.undoing().is_none() {
                self.go_on_unwinding(machine.program, task);
                continue;
            }
            match machine.execute(&mut task.frames, &mut task.stack)? {
                Pause::Returned(Reason::Undo, _) => self.go_on_unwinding(machine.program, task),
                Pause::Returned(_, value) => task.state = State::Ended(Ok(value)),
                Pause::Task(instr) => self.instruct(machine, task, instr)?,
            }
        }
        let held: u64 = task.stack.iter().fold(0, |sum, v| sum.saturating_add(v.size()));
        if held > machine.limits.memory { Err(Fault::Memory) } else { Ok(()) }
    }

    /// A task is over: its parent learns of it, or the run is over.
    fn over(&mut self, program: &Program, task: Task) {
        let State::Ended(end) = task.state else { return };
        if task.path.0.is_empty() {
            self.ended = Some(match end {
                Ok(value) | Err(Exit::Return(value)) => Status::Finished(value),
                Err(Exit::Fail(failure)) => Status::Failed(failure),
                Err(Exit::Cancel(reason)) => Status::Cancelled(reason),
            });
            // A step whose outcome is open when all is well is nobody's undo any more; one of a run that failed is.
            if !matches!(self.ended, Some(Status::Finished(_))) {
                self.late.extend(task.undos.into_iter().filter(|u| u.pending.is_some()));
            }
            return;
        }
        let mut path = task.path.0.clone();
        let number = path.pop().unwrap_or_default();
        let Some(mut parent) = self.tasks.remove(&TaskPath(path)) else { return };
        parent.adopt(task.undos);
        self.child_ended(program, &mut parent, number, end);
        self.tasks.insert(parent.path.clone(), parent);
    }

    /// A rule was broken: nothing goes on.
    fn give_up(&mut self, fault: Fault) {
        for path in self.tasks.keys().cloned().collect::<Vec<_>>() {
            if let Some(mut task) = self.tasks.remove(&path) {
                self.let_go(&mut task);
            }
        }
        self.ended = Some(Status::Fault(fault));
    }
}

/// The failure of a deadline.
pub(crate) fn timeout() -> Failure {
    Failure::new(FailureKind::Timeout, "it took too long")
}
