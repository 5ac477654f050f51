//! Leaving: scopes close, what was done is taken back, handlers go on.

use crate::ask::error_of;
use crate::program::Program;
use crate::run::{Run, timeout};
use crate::task::{Exit, Reason, Scope, ScopeKind, State, Task, Undo, Unwind};
use carapace_effect::{Outcome, TaskPath};
use carapace_module::Value;

impl Run {
    /// An outcome arrives at its task. False where it is not waited for.
    pub(crate) fn deliver(&mut self, task: &mut Task, ordinal: u32, outcome: Outcome) -> bool {
        if let State::Waiting { ordinal: awaited, register } = task.state
            && awaited == ordinal
        {
            self.answer(task, ordinal, register, outcome);
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

    fn answer(&mut self, task: &mut Task, ordinal: u32, register: Option<u16>, outcome: Outcome) {
        let op = task.op(ordinal);
        let step = task.undos.iter().position(|u| u.pending.as_ref() == Some(&op));
        match outcome {
            Outcome::Done(value) => {
                let sequence = self.sequence;
                if let Some(undo) = step.and_then(|at| task.undos.get_mut(at)) {
                    // Steps are ordered by when they happened.
                    self.sequence += 1;
                    undo.sequence = sequence;
                    undo.pending = None;
                    undo.result = value.clone();
                }
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
                self.leave(task, Exit::Fail(failure));
            }
            Outcome::Unknown => self.unknown(task),
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
        let frame = task.scopes.get(at).map_or(0, |s| s.frame as usize);
        if task.undoing().is_some_and(|undoing| undoing > frame) || !task.unwinding.is_empty() {
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
    pub(crate) fn interrupt(&mut self, exit: Exit) {
        let Some(mut root) = self.tasks.remove(&TaskPath::default()) else { return };
        let ending = !root.unwinding.is_empty() || root.undoing().is_some();
        let first = root.scopes.iter().position(|s| s.kind == ScopeKind::Flow);
        match (&exit, first) {
            // It is in its handler, or taking back: it is ending already.
            _ if ending => {}
            (_, None) => {
                self.let_go_of_wait(&mut root);
                root.frames.clear();
                root.stack.clear();
                root.state = State::Ended(Err(exit));
            }
            (Exit::Cancel(_), Some(_)) => {
                self.let_go_of_wait(&mut root);
                self.leave(&mut root, exit);
            }
            (_, Some(at)) => {
                self.let_go_of_wait(&mut root);
                if let Some(scope) = self.pop_to(&mut root, at) {
                    self.handle(&mut root, &scope, exit);
                }
            }
        }
        self.tasks.insert(TaskPath::default(), root);
    }

    /// Goes to the nearest scope that takes the exit; without one the undo failed, or the task ends.
    pub(crate) fn leave(&mut self, task: &mut Task, exit: Exit) {
        let undoing = task.undoing();
        let takes = |scope: &Scope| {
            matches!(
                (&exit, scope.kind),
                (Exit::Fail(_), ScopeKind::Else | ScopeKind::Attempt | ScopeKind::Flow)
                    | (Exit::Cancel(_), ScopeKind::Flow)
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
        match undoing {
            // What could not be taken back is left to a person; the others still are.
            Some(frame) => {
                while task.scopes.last().is_some_and(|s| s.frame as usize >= frame) {
                    if let Some(scope) = task.scopes.pop() {
                        self.settle(task, &scope);
                    }
                }
                task.truncate(frame);
                task.state = State::Ready;
            }
            None => {
                while let Some(scope) = task.scopes.pop() {
                    self.settle(task, &scope);
                }
                task.frames.clear();
                task.stack.clear();
                task.state = State::Ended(Err(exit));
            }
        }
    }

    /// `return` inside a branch: the branch's task ends with it; in the flow's own task it is a return of the function.
    fn return_flow(&mut self, task: &mut Task, value: Value) {
        if task.frames.len() == 1 && !task.path.0.is_empty() {
            while let Some(scope) = task.scopes.pop() {
                self.settle(task, &scope);
            }
            task.frames.clear();
            task.stack.clear();
            task.state = State::Ended(Err(Exit::Return(value)));
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
            _ => u32::MAX,
        };
        let flow = scope.kind == ScopeKind::Flow;
        task.unwinding.push(Unwind { mark, handler: scope.handler, register: scope.register, flow, exit });
        task.state = State::Ready;
    }

    /// The next step is taken back, or the handler goes on.
    pub(crate) fn go_on_unwinding(&mut self, program: &Program, task: &mut Task) {
        let Some(mark) = task.unwinding.last().map(|u| u.mark as usize) else { return };
        while task.undos.len() > mark {
            let Some(undo) = task.undos.pop() else { break };
            if undo.pending.is_some() {
                self.late.push(undo);
            } else {
                call_undo(program, task, undo);
                return;
            }
        }
        let Some(unwind) = task.unwinding.pop() else { return };
        let (value, cancelled) = match unwind.exit {
            Exit::Fail(failure) => (error_of(&failure), false),
            Exit::Cancel(reason) => (Value::text(reason), true),
            Exit::Return(value) => (value, false),
        };
        task.set(unwind.register, value);
        if unwind.flow {
            task.set(unwind.register.saturating_add(1), Value::Bool(cancelled));
        }
        go_to(task, unwind.handler);
        if let Some(at) = task.scopes.iter().position(|s| s.expired) {
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
        // Children of the root count up from 0; these count down, and never meet them.
        let path = TaskPath(vec![u32::MAX - self.detached]);
        self.detached += 1;
        let mut task = Task::new(path.clone());
        call_undo(program, &mut task, undo);
        if let Some(frame) = task.frames.first_mut() {
            frame.reason = Reason::Base;
        }
        self.tasks.insert(path, task);
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
            State::Ready => {}
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
    let Some(function) = program.module().functions.get(undo.function as usize) else { return };
    let mut args = undo.captures;
    if args.len() < usize::from(function.params) {
        args.push(undo.result);
    }
    task.push(undo.function, function.registers, args, Reason::Undo);
}
