//! Leaving: scopes close, what was done is taken back, handlers go on.

use crate::ask::error_of;
use crate::program::Program;
use crate::run::{Run, timeout};
use crate::task::{Exit, Reason, Scope, ScopeKind, State, Task, Undo, Unwind};
use carapace_effect::{Failure, FailureKind, OpId, Outcome, Request, RequestKind, TaskPath};
use carapace_module::Value;
use carapace_module::signature::FunctionId;

impl Run {
    /// An outcome arrives at its task. False where it is not waited for.
    pub(crate) fn deliver(
        &mut self,
        program: &Program,
        task: &mut Task,
        ordinal: u32,
        outcome: Outcome,
    ) -> bool {
        if let State::Waiting { ordinal: awaited, register } = task.state
            && awaited == ordinal
        {
            self.answer(program, task, ordinal, register, outcome);
            return true;
        }
        let scope = task.scopes.iter().position(|s| s.deadline == Some(ordinal));
        match (scope, outcome) {
            (Some(at), Outcome::Done(_)) => {
                self.expire(task, at);
                true
            }
            _ => false,
        }
    }

    fn answer(
        &mut self,
        program: &Program,
        task: &mut Task,
        ordinal: u32,
        register: Option<u16>,
        outcome: Outcome,
    ) {
        let op = task.op(ordinal);
        let step = task.undos.iter().position(|u| u.pending.as_ref() == Some(&op));
        match outcome {
            Outcome::Done(value) => {
                self.happened(task, step, &value);
                if let Some(register) = register {
                    task.set(register, value);
                }
                task.state = State::Ready;
            }
            Outcome::Failed(failure) => {
                if let Some(at) = step {
                    task.undos.remove(at);
                }
                task.state = State::Ready;
                self.leave(program, task, Exit::Fail(failure));
            }
            Outcome::Partly(value, failure) => {
                // What did happen is taken back like any step.
                self.happened(task, step, &value);
                task.state = State::Ready;
                self.leave(program, task, Exit::Fail(failure));
            }
            Outcome::Unknown => {
                match step.and_then(|at| task.undos.get_mut(at)) {
                    Some(undo) => undo.unknown = true,
                    None => self.remember_unknown(task, op),
                }
                self.unknown(task);
            }
        }
    }

    /// A step that has no undo of its own holds up those before it, too.
    fn remember_unknown(&mut self, task: &mut Task, op: OpId) {
        let (sequence, pending) = (self.sequence, Some(op));
        self.sequence += 1;
        task.undos.push(Undo {
            sequence,
            function: None,
            captures: Vec::new(),
            pending,
            unknown: true,
            past: false,
            result: Value::None,
        });
    }

    /// A step happened: its undo is one now. Steps are ordered by when they happened.
    fn happened(&mut self, task: &mut Task, step: Option<usize>, value: &Value) {
        let Some(at) = step else { return };
        let Some(undo) = task.undos.get_mut(at) else { return };
        undo.sequence = self.sequence;
        undo.pending = None;
        undo.result = value.clone();
        self.sequence += 1;
        if undo.function.is_none() {
            // It only held up those before it.
            task.undos.remove(at);
        }
    }

    /// Nobody can know: the nearest `on unknown` goes on; without one the task waits for a person.
    fn unknown(&mut self, task: &mut Task) {
        let floor = task.undoing().map_or(0, |f| f + 1);
        let found =
            task.scopes.iter().rposition(|s| s.kind == ScopeKind::Unknown && s.frame as usize >= floor);
        let Some(at) = found else { return };
        task.state = State::Ready;
        if let Some(scope) = self.pop_to(task, at) {
            self.settle(task, &scope);
            go_to(task, scope.handler);
        }
    }

    /// A scope's deadline has passed: whatever goes on inside is given up.
    pub(crate) fn expire(&mut self, task: &mut Task, at: usize) {
        let frame = task.scopes.get(at).map_or(0, |s| s.frame);
        if task.takes_back_above(frame) {
            // First what is being taken back, then this.
            if let Some(scope) = task.scopes.get_mut(at) {
                scope.expired = true;
                scope.deadline = None;
            }
            return;
        }
        if let Some(scope) = task.scopes.get_mut(at) {
            scope.deadline = None;
        }
        self.let_go_of_wait(task);
        if let Some(scope) = self.pop_to(task, at) {
            self.handle(task, &scope, Exit::Fail(timeout()));
        }
    }

    /// The whole run is to end.
    pub(crate) fn interrupt(&mut self, program: &Program, exit: Exit) {
        let Some(mut root) = self.take(&TaskPath::default()) else { return };
        if !root.takes_back_above(0) {
            self.interrupt_now(program, &mut root, exit);
        } else if root.scopes.iter().any(|s| s.kind == ScopeKind::Flow) && self.interrupted.is_none() {
            // First what is being taken back, then this.
            self.interrupted = Some(exit);
        }
        self.put(root);
    }

    fn interrupt_now(&mut self, program: &Program, root: &mut Task, exit: Exit) {
        if root.is_ended() {
            return;
        }
        let Some(at) = root.scopes.iter().position(|s| s.kind == ScopeKind::Flow) else {
            return self.interrupt_without_flow(program, root, exit);
        };
        self.let_go_of_wait(root);
        match exit {
            // From the innermost flow outwards: each undoes and runs its `on cancel`.
            exit @ Exit::Cancel(_) => self.leave(program, root, exit),
            exit => {
                if let Some(scope) = self.pop_to(root, at) {
                    self.handle(root, &scope, exit);
                }
            }
        }
    }

    /// No flow is open in it: it has not begun, it is no flow, or it is in its handler already.
    fn interrupt_without_flow(&mut self, program: &Program, root: &mut Task, exit: Exit) {
        let in_handler = root.frames.first().is_some_and(|f| f.pc > 0 && program.is_flow(f.function));
        match exit {
            // The handler says what became of it; it may take its time.
            Exit::Fail(_) if in_handler => {}
            // A person does not want to wait for the handler: it ends as one that failed.
            exit if in_handler => {
                self.let_go_of_wait(root);
                let failure = match exit {
                    Exit::Cancel(reason) => Failure::new(FailureKind::Failed, reason),
                    _ => timeout(),
                };
                if let Some(scope) = self.pop_to(root, 0) {
                    self.handle(root, &scope, Exit::Fail(failure));
                }
            }
            exit => {
                self.let_go(root);
                root.end(Err(exit));
            }
        }
    }

    /// Goes to the nearest scope that takes the exit; without one the undo failed, or the task ends.
    pub(crate) fn leave(&mut self, program: &Program, task: &mut Task, exit: Exit) {
        let undoing = task.undoing();
        let takes = |scope: &Scope| {
            matches!(
                (&exit, scope.kind),
                (Exit::Fail(_), ScopeKind::Else | ScopeKind::Attempt | ScopeKind::Flow)
                    | (Exit::Cancel(_) | Exit::Fault(_), ScopeKind::Flow)
            )
        };
        // The undo frame's own scopes are those at or above it.
        let own = |scope: &Scope| undoing.is_none_or(|u| scope.frame as usize >= u);
        if let Exit::Return(value) = exit {
            return self.return_flow(task, value);
        }
        if let Some(at) = task.scopes.iter().rposition(|s| takes(s) && own(s)) {
            if let Some(scope) = self.pop_to(task, at) {
                self.handle(task, &scope, exit);
            }
            return;
        }
        if let Some(frame) = undoing {
            return self.hand_over(program, task, frame, exit);
        }
        while let Some(scope) = task.scopes.pop() {
            self.settle(task, &scope);
        }
        task.end(Err(exit));
    }

    /// What could not be taken back is for a person to see to: the task waits until they have. The others still are.
    fn hand_over(&mut self, program: &Program, task: &mut Task, frame: usize, exit: Exit) {
        let failure = match exit {
            Exit::Fail(failure) => failure,
            Exit::Cancel(reason) => Failure::new(FailureKind::Failed, reason),
            Exit::Fault(broken) => Failure::new(FailureKind::Failed, broken.to_string()),
            Exit::Return(_) => Failure::new(FailureKind::Failed, "it returned"),
        };
        while task.scopes.last().is_some_and(|s| s.frame as usize >= frame) {
            if let Some(scope) = task.scopes.pop() {
                self.settle(task, &scope);
            }
        }
        task.unwinding.retain(|unwind| (unwind.frame as usize) < frame);
        let site = task.frames.last().map_or(0, |f| program.site(FunctionId(f.function), f.pc));
        task.truncate(frame);
        let ordinal = task.next_ordinal();
        task.state = State::Waiting { ordinal, register: None };
        self.requests.push(Request { op: task.op(ordinal), kind: RequestKind::HandOver { failure }, site });
    }

    /// `return` inside a branch: the branch's task ends with it; in the flow's own task it is a return of the function.
    fn return_flow(&mut self, task: &mut Task, value: Value) {
        if task.frames.len() == 1 && !task.path.0.is_empty() {
            while let Some(scope) = task.scopes.pop() {
                self.settle(task, &scope);
            }
            task.end(Err(Exit::Return(value)));
        } else {
            self.return_from(task, value);
            task.state = match std::mem::replace(&mut task.state, State::Ready) {
                ended @ State::Ended(_) => ended,
                _ => State::Ready,
            };
        }
    }

    /// Returns from the top frame, closing its scopes.
    pub(crate) fn return_from(&mut self, task: &mut Task, value: Value) {
        let top = task.frames.len().saturating_sub(1);
        while task.scopes.last().is_some_and(|s| s.frame as usize >= top) {
            if let Some(scope) = task.scopes.pop() {
                self.settle(task, &scope);
            }
        }
        let Some(reason) = task.frames.last().map(|f| f.reason) else { return };
        task.truncate(top);
        match reason {
            Reason::Call(register) => task.set(register, value),
            Reason::Undo => {}
            Reason::Base => task.state = State::Ended(Ok(value)),
        }
    }

    /// Scopes down to, and with, number `at` close; frames above its own are gone.
    fn pop_to(&mut self, task: &mut Task, at: usize) -> Option<Scope> {
        while task.scopes.len() > at + 1 {
            if let Some(scope) = task.scopes.pop() {
                self.settle(task, &scope);
            }
        }
        let scope = task.scopes.pop()?;
        self.settle(task, &scope);
        task.truncate(scope.frame as usize + 1);
        let open = task.scopes.iter().filter(|s| s.frame == scope.frame).count();
        if let Some(frame) = task.frames.last_mut() {
            frame.scopes = u32::try_from(open).unwrap_or(u32::MAX);
        }
        task.state = State::Ready;
        Some(scope)
    }

    /// The handler's turn, after what was done inside is taken back.
    fn handle(&mut self, task: &mut Task, scope: &Scope, exit: Exit) {
        let mark = match scope.kind {
            ScopeKind::Else | ScopeKind::Flow => scope.mark,
            _ => u64::MAX,
        };
        let flow = scope.kind == ScopeKind::Flow;
        let (frame, handler, register) = (scope.frame, scope.handler, scope.register);
        task.unwinding.push(Unwind { frame, mark, handler, register, flow, exit });
        task.state = State::Ready;
    }

    /// The next step is taken back, or the handler goes on.
    pub(crate) fn go_on_unwinding(&mut self, program: &Program, task: &mut Task) {
        let Some(mark) = task.unwinding.last().map(|u| u.mark) else { return };
        while let Some(undo) = task.undos.pop_if(|undo| undo.sequence >= mark) {
            if undo.is_unknown() {
                // Steps are taken back in their order, and nobody knows whether this one is to be.
                task.undos.push(undo);
                task.state = State::Settling;
                return;
            }
            if undo.pending.is_some() {
                self.late.push(undo);
            } else if undo.function.is_some() {
                call_undo(program, task, undo);
                return;
            }
        }
        let Some(unwind) = task.unwinding.pop() else { return };
        let (value, cancelled) = match unwind.exit {
            Exit::Fail(failure) => (error_of(&failure), false),
            Exit::Cancel(reason) => (Value::text(reason), true),
            Exit::Return(value) => (value, false),
            Exit::Fault(broken) => {
                let failure = Failure::new(FailureKind::Failed, broken.to_string());
                task.faults.push((unwind.frame, broken));
                (error_of(&failure), false)
            }
        };
        task.set(unwind.register, value);
        if unwind.flow {
            task.set(unwind.register.saturating_add(1), Value::Bool(cancelled));
        }
        go_to(task, unwind.handler);
        self.catch_up(program, task);
    }

    /// What was put off while something was taken back.
    fn catch_up(&mut self, program: &Program, task: &mut Task) {
        if task.path.0.is_empty()
            && !task.takes_back_above(0)
            && let Some(exit) = self.interrupted.take()
        {
            self.interrupt_now(program, task, exit);
        } else if let Some(at) = task.scopes.iter().position(|s| s.expired) {
            if let Some(scope) = task.scopes.get_mut(at) {
                scope.expired = false;
            }
            self.expire(task, at);
        }
    }

    /// Takes one step back in a task of its own: what it belonged to is past.
    pub(crate) fn take_back_alone(&mut self, program: &Program, mut undo: Undo, result: Value) {
        undo.pending = None;
        undo.result = result;
        // Counting down from the end: see `is_detached`.
        let mut task = Task::new(TaskPath(vec![u32::MAX - self.detached]));
        self.detached = self.detached.saturating_add(1);
        call_undo(program, &mut task, undo);
        self.put(task);
    }

    /// A scope ends: nobody waits for its deadline or buffer.
    pub(crate) fn close(&mut self, task: &mut Task, scope: &Scope) {
        if let Some(frame) = task.frames.get_mut(scope.frame as usize) {
            frame.scopes = frame.scopes.saturating_sub(1);
        }
        self.settle(task, scope);
    }

    fn settle(&mut self, task: &Task, scope: &Scope) {
        if let Some(ordinal) = scope.deadline {
            self.abandoned.push(task.op(ordinal));
        }
        if let ScopeKind::Listen(ordinal) = scope.kind {
            self.abandoned.push(task.op(ordinal));
        }
    }

    /// What the task waits for, it no longer does: its operation settles alone, its branches end.
    pub(crate) fn let_go_of_wait(&mut self, task: &mut Task) {
        match std::mem::replace(&mut task.state, State::Ready) {
            State::Waiting { ordinal, .. } => self.abandoned.push(task.op(ordinal)),
            State::Joining(join) => {
                for (number, _) in join.live {
                    self.end_child(task, number);
                }
            }
            State::Ready | State::Settling => {}
            ended @ State::Ended(_) => task.state = ended,
        }
    }

    /// The task is given up with all it holds.
    pub(crate) fn let_go(&mut self, task: &mut Task) {
        self.let_go_of_wait(task);
        while let Some(scope) = task.scopes.pop() {
            self.settle(task, &scope);
        }
    }
}

fn go_to(task: &mut Task, pc: u32) {
    if let Some(frame) = task.frames.last_mut() {
        frame.pc = pc;
    }
}

/// The undo's frame: its captures, and the step's result where it wants that.
fn call_undo(program: &Program, task: &mut Task, undo: Undo) {
    let Some(number) = undo.function else { return };
    let Some(function) = program.module().functions.get(number as usize) else { return };
    let mut args = undo.captures;
    if args.len() < usize::from(function.params) {
        args.push(undo.result);
    }
    task.push(number, function.registers, args, Reason::Undo);
}
