//! A task: one strand of a run.

use crate::fault::Broken;
use carapace_effect::{Failure, OpId, TaskPath};
use carapace_module::Value;

/// Why a frame is on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The task's first frame.
    Base,
    /// Called; its result goes into that register of the frame below.
    Call(u16),
    /// It takes something back, on top of frames that wait for that.
    Undo,
}

/// A function's activation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) function: u32,
    pub(crate) pc: u32,
    /// Its first register, in the task's stack.
    pub(crate) base: u32,
    pub(crate) reason: Reason,
    /// How many scopes it has open.
    pub(crate) scopes: u32,
}

/// What a scope is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    /// `else`: takes failures, after undoing.
    Else,
    /// `retry`, a deadline alone: takes failures as they are.
    Attempt,
    /// `on unknown`.
    Unknown,
    /// A flow: takes failures and cancellation, after undoing.
    Flow,
    /// A buffer of that operation: takes nothing.
    Listen(u32),
}

/// A stretch of code under a handler.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scope {
    pub(crate) kind: ScopeKind,
    /// Index of the frame it is in.
    pub(crate) frame: u32,
    pub(crate) handler: u32,
    pub(crate) register: u16,
    /// Steps with this sequence or a higher one belong to it.
    pub(crate) mark: u64,
    /// The deadline's operation.
    pub(crate) deadline: Option<u32>,
    /// The deadline passed while something above was being taken back.
    pub(crate) expired: bool,
}

/// What takes a step back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Undo {
    /// Orders the steps of all tasks.
    pub(crate) sequence: u64,
    /// None: there is nothing to take back, and earlier steps wait until it is known whether this one happened.
    pub(crate) function: Option<u32>,
    pub(crate) captures: Vec<Value>,
    /// The step, while it is not known to have happened.
    pub(crate) pending: Option<OpId>,
    /// Whether nobody can know: earlier steps are not taken back before somebody says.
    pub(crate) unknown: bool,
    /// Whether what it belonged to is past: it is taken back as soon as it is known to have happened.
    pub(crate) past: bool,
    /// Its result, once it has.
    pub(crate) result: Value,
}

/// How something ends other than with a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Exit {
    Fail(Failure),
    Cancel(String),
    /// `return` from inside a branch: the flow around it returns.
    Return(Value),
    /// A rule of the machine was broken: only a flow as a whole takes it, to undo and to tell, and then it goes on up.
    Fault(Broken),
}

/// A handler that waits until everything is taken back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unwind {
    /// The frame that the handler is in: it has the next word when it is on top again.
    pub(crate) frame: u32,
    /// Steps with this sequence or a higher one are taken back.
    pub(crate) mark: u64,
    pub(crate) handler: u32,
    pub(crate) register: u16,
    /// A flow's handler wants to know whether it is a cancellation.
    pub(crate) flow: bool,
    pub(crate) exit: Exit,
}

/// Branches that a task waits for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Join {
    pub(crate) register: u16,
    pub(crate) fork: u32,
    /// Children that run: number of the task, and of the branch or item.
    pub(crate) live: Vec<(u32, u32)>,
    /// Results by branch or item.
    pub(crate) results: Vec<Value>,
    /// `for … parallel`: the items and captures, and the next to start.
    pub(crate) items: Vec<Value>,
    pub(crate) captures: Vec<Value>,
    pub(crate) next: u32,
}

/// Where a task stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum State {
    /// It can go on.
    Ready,
    /// It waits for that operation; the answer goes into the register, unless there is none to keep.
    Waiting { ordinal: u32, register: Option<u16> },
    /// It waits for branches.
    Joining(Join),
    /// It takes back, and waits until it is known what became of the newest step.
    Settling,
    /// It is over.
    Ended(Result<Value, Exit>),
}

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Task {
    pub(crate) path: TaskPath,
    pub(crate) frames: Vec<Frame>,
    pub(crate) stack: Vec<Value>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) undos: Vec<Undo>,
    pub(crate) unwinding: Vec<Unwind>,
    pub(crate) state: State,
    /// The next request's number.
    pub(crate) ordinal: u32,
    /// The next child's number.
    pub(crate) child: u32,
    /// The undo of the next request: function and captures.
    pub(crate) undo_next: Option<(u32, Vec<Value>)>,
    /// Faults whose flow is in its handler, by the flow's frame: what it raises in the end is the fault again.
    pub(crate) faults: Vec<(u32, Broken)>,
}

/// What a frame counts for, beside its registers.
const FRAME: u64 = 64;

/// Logical size of values, saturating.
fn size_of_all(values: &[Value]) -> u64 {
    values.iter().fold(0, |sum, value| sum.saturating_add(value.size()))
}

impl Undo {
    /// Whether nobody can know, as yet, whether the step happened.
    pub(crate) const fn is_unknown(&self) -> bool {
        self.unknown && self.pending.is_some()
    }

    /// Logical size in bytes.
    pub(crate) fn size(&self) -> u64 {
        size_of_all(&self.captures).saturating_add(self.result.size()).saturating_add(FRAME)
    }
}

impl Task {
    pub(crate) fn new(path: TaskPath) -> Task {
        Task {
            path,
            frames: Vec::new(),
            stack: Vec::new(),
            scopes: Vec::new(),
            undos: Vec::new(),
            unwinding: Vec::new(),
            state: State::Ready,
            ordinal: 0,
            child: 0,
            undo_next: None,
            faults: Vec::new(),
        }
    }

    /// Puts a frame on top: `args` are its first registers, the others are none.
    pub(crate) fn push(&mut self, function: u32, registers: u16, args: Vec<Value>, reason: Reason) {
        let base = self.stack.len();
        self.stack.extend(args);
        self.stack.resize(base + usize::from(registers), Value::None);
        let base = u32::try_from(base).unwrap_or(u32::MAX);
        self.frames.push(Frame { function, pc: 0, base, reason, scopes: 0 });
    }

    /// Takes frames away until `count` are left, and their registers with them.
    pub(crate) fn truncate(&mut self, count: usize) {
        if let Some(first) = self.frames.get(count) {
            self.stack.truncate(first.base as usize);
            self.frames.truncate(count);
            self.faults.retain(|(frame, _)| (*frame as usize) < count);
        }
    }

    /// Ends it, with nothing left of what it held but its undos.
    pub(crate) fn end(&mut self, end: Result<Value, Exit>) {
        self.frames.clear();
        self.stack.clear();
        self.faults.clear();
        self.state = State::Ended(end);
    }

    /// Whether it goes on by itself.
    pub(crate) const fn moves(&self) -> bool {
        matches!(self.state, State::Ready | State::Ended(_))
    }

    /// Whether something at this frame or above it is being taken back.
    pub(crate) fn takes_back_above(&self, frame: u32) -> bool {
        self.unwinding.iter().any(|unwind| unwind.frame >= frame)
    }

    /// Logical size in bytes of everything it holds.
    pub(crate) fn held(&self) -> u64 {
        let undos = self.undos.iter().map(Undo::size);
        let exits = self.unwinding.iter().map(|unwind| match &unwind.exit {
            Exit::Return(value) => value.size(),
            Exit::Fail(failure) => failure.message.len() as u64,
            Exit::Cancel(reason) => reason.len() as u64,
            Exit::Fault(_) => 0,
        });
        let joined = match &self.state {
            State::Joining(join) => [&join.results, &join.items, &join.captures].map(|v| size_of_all(v)),
            State::Ended(Ok(value) | Err(Exit::Return(value))) => [value.size(), 0, 0],
            _ => [0; 3],
        };
        let next = self.undo_next.as_ref().map(|(_, captures)| size_of_all(captures));
        let frames = (self.frames.len() as u64).saturating_mul(FRAME);
        let parts = undos.chain(exits).chain(joined).chain(next);
        parts.fold(size_of_all(&self.stack).saturating_add(frames), u64::saturating_add)
    }

    /// A register of the top frame.
    pub(crate) fn register(&self, register: u16) -> Value {
        let base = self.frames.last().map_or(0, |f| f.base as usize);
        self.stack.get(base + usize::from(register)).cloned().unwrap_or(Value::None)
    }

    /// Registers of the top frame in a row.
    pub(crate) fn registers(&self, first: u16, count: usize) -> Vec<Value> {
        let base = self.frames.last().map_or(0, |f| f.base as usize) + usize::from(first);
        self.stack.get(base..base + count).map(<[Value]>::to_vec).unwrap_or_default()
    }

    /// Writes a register of the top frame.
    pub(crate) fn set(&mut self, register: u16, value: Value) {
        let base = self.frames.last().map_or(0, |f| f.base as usize);
        if let Some(place) = self.stack.get_mut(base + usize::from(register)) {
            *place = value;
        }
    }

    /// The next operation's number.
    pub(crate) const fn next_ordinal(&mut self) -> u32 {
        let ordinal = self.ordinal;
        self.ordinal += 1;
        ordinal
    }

    /// The full name of one of its operations.
    pub(crate) fn op(&self, ordinal: u32) -> OpId {
        OpId { task: self.path.clone(), ordinal }
    }

    /// Index of the topmost frame that takes something back.
    pub(crate) fn undoing(&self) -> Option<usize> {
        self.frames.iter().rposition(|f| f.reason == Reason::Undo)
    }

    pub(crate) const fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }
}
