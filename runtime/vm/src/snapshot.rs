//! A run as bytes, and back. Canonical: equal runs are equal bytes, and what is read back is equal.
//!
//! Version, counters, tasks in path order, late undos, how the root ended. Lists are counts and members, options are
//! flags; numbers are the codec's. A snapshot is read together with the module it was made with: the journal pins it.

use crate::fault::{Broken, Fault, SnapshotError};
use crate::program::Program;
use crate::run::{Run, Status};
use crate::task::{Exit, Frame, Join, Reason, Scope, ScopeKind, State, Task, Undo, Unwind};
use carapace_effect::{Failure, FailureKind, OpId, TaskPath};
use carapace_module::Module;
use carapace_module::codec::{Error, Reader, Writer};
use carapace_module::signature::FunctionId;

/// Goes up when the form changes; older forms stay readable.
const VERSION: u64 = 3;

/// Counters beyond this are no run's: none lives that long, and counting on must not overflow.
const MOST: u64 = 1 << 62;

type Read<T> = Result<T, Error>;

const UNKNOWN: Error = Error::Form("an unknown kind in a snapshot");

impl Run {
    /// The run as canonical bytes. Taken between two advances, when nothing is asked that was not told.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut w = Writer::default();
        self.write_head(&mut w);
        for task in self.tasks.values() {
            write_task(&mut w, task);
        }
        self.write_tail(&mut w);
        w.bytes
    }

    /// What stands before the tasks.
    pub(crate) fn write_head(&self, w: &mut Writer) {
        w.uint(VERSION);
        w.uint(self.sequence);
        w.uint(u64::from(self.detached));
        w.len(self.tasks.len());
    }

    /// What stands behind them.
    pub(crate) fn write_tail(&self, w: &mut Writer) {
        w.len(self.late.len());
        self.late.iter().for_each(|undo| write_undo(w, undo));
        option(w, self.ended.as_ref(), write_status);
        option(w, self.interrupted.as_ref(), write_exit);
        w.flag(self.handled);
    }

    /// A run as it was.
    ///
    /// # Errors
    /// Where the bytes are no snapshot, or not one of a run of this module.
    pub fn restore(program: &Program, bytes: &[u8]) -> Result<Run, SnapshotError> {
        Run::restore_of(program.module(), bytes)
    }

    /// The same, of a module that is not run any more.
    pub(crate) fn restore_of(module: &Module, bytes: &[u8]) -> Result<Run, SnapshotError> {
        let run = read_run(bytes).map_err(|e| SnapshotError(e.to_string()))?;
        check(module, &run).map_err(|what| SnapshotError(what.to_owned()))?;
        Ok(run)
    }
}

fn read_run(bytes: &[u8]) -> Read<Run> {
    let mut r = Reader::new(bytes);
    let read_undo = match r.uint()? {
        2 => read_undo_of_2,
        VERSION => read_undo,
        _ => return Err(Error::Form("a snapshot of another version")),
    };
    let mut run = Run::empty();
    run.sequence = r.uint()?;
    run.detached = r.u32()?;
    for _ in 0..r.count()? {
        let task = read_task(&mut r, read_undo)?;
        if run.tasks.last_key_value().is_some_and(|(last, _)| *last >= task.path) {
            return Err(Error::Form("tasks that are not in order"));
        }
        run.put(task);
    }
    run.late = many(&mut r, read_undo)?;
    run.ended = if r.flag()? { Some(read_status(&mut r)?) } else { None };
    run.interrupted = if r.flag()? { Some(read_exit(&mut r)?) } else { None };
    run.handled = r.flag()?;
    if !r.is_done() {
        return Err(Error::Form("bytes behind a snapshot"));
    }
    Ok(run)
}

/// Everything that the machine relies on: frames of known functions, registers where they say.
fn check(module: &Module, run: &Run) -> Result<(), &'static str> {
    let functions = &module.functions;
    if run.sequence > MOST || u64::from(run.detached) > MOST >> 32 {
        return Err("a counter that no run has");
    }
    for task in run.tasks.values() {
        check_frames(module, task)?;
        let most = u32::MAX / 4;
        if task.ordinal > most || task.child > most {
            return Err("a counter that no run has");
        }
        if let State::Joining(join) = &task.state
            && (module.forks.get(join.fork as usize).is_none() || join.next > most)
        {
            return Err("an unknown fork");
        }
    }
    let exists = |function: u32| functions.get(function as usize).is_some();
    let known = |u: &Undo| u.function.is_none_or(exists) && u.sequence <= MOST;
    if run.late.iter().chain(run.tasks.values().flat_map(|t| &t.undos)).all(known) {
        Ok(())
    } else {
        Err("an undo of an unknown function")
    }
}

fn check_frames(module: &Module, task: &Task) -> Result<(), &'static str> {
    let mut from = 0;
    let mut lengths = Vec::with_capacity(task.frames.len());
    for frame in &task.frames {
        let function =
            module.functions.get(frame.function as usize).ok_or("a frame of an unknown function")?;
        if frame.base as usize != from || frame.pc as usize >= function.code.len() {
            return Err("a frame that does not fit");
        }
        from += usize::from(function.registers);
        lengths.push(function.code.len());
    }
    if task.stack.len() != from {
        return Err("registers that do not fit the frames");
    }
    let handler =
        |frame: u32, pc: u32| lengths.get(frame as usize).is_some_and(|length| (pc as usize) < *length);
    if !task.scopes.iter().all(|s| s.mark <= MOST && handler(s.frame, s.handler)) {
        return Err("a scope of no frame");
    }
    if !task.unwinding.iter().all(|u| handler(u.frame, u.handler)) {
        return Err("a handler of no frame");
    }
    Ok(())
}

fn many<T>(r: &mut Reader<'_>, read: fn(&mut Reader<'_>) -> Read<T>) -> Read<Vec<T>> {
    (0..r.count()?).map(|_| read(r)).collect()
}

pub(crate) fn write_task(w: &mut Writer, task: &Task) {
    write_path(w, &task.path);
    w.uint(u64::from(task.ordinal));
    w.uint(u64::from(task.child));
    w.values(&task.stack);
    w.len(task.frames.len());
    for frame in &task.frames {
        w.uint(u64::from(frame.function));
        w.uint(u64::from(frame.pc));
        w.uint(u64::from(frame.base));
        w.uint(u64::from(frame.scopes));
        match frame.reason {
            Reason::Base => w.byte(0),
            Reason::Undo => w.byte(1),
            Reason::Call(register) => {
                w.byte(2);
                w.uint(u64::from(register));
            }
        }
    }
    w.len(task.scopes.len());
    task.scopes.iter().for_each(|scope| write_scope(w, scope));
    w.len(task.undos.len());
    task.undos.iter().for_each(|undo| write_undo(w, undo));
    w.len(task.unwinding.len());
    for unwind in &task.unwinding {
        w.uint(u64::from(unwind.frame));
        w.uint(unwind.mark);
        w.uint(u64::from(unwind.handler));
        w.uint(u64::from(unwind.register));
        w.flag(unwind.flow);
        write_exit(w, &unwind.exit);
    }
    write_state(w, &task.state);
    option(w, task.undo_next.as_ref(), |w, (function, captures)| {
        w.uint(u64::from(*function));
        w.values(captures);
    });
    w.len(task.faults.len());
    for (frame, broken) in &task.faults {
        w.uint(u64::from(*frame));
        write_broken(w, broken);
    }
}

fn read_task(r: &mut Reader<'_>, read_undo: fn(&mut Reader<'_>) -> Read<Undo>) -> Read<Task> {
    let mut task = Task::new(read_path(r)?);
    task.ordinal = r.u32()?;
    task.child = r.u32()?;
    task.stack = r.values()?;
    task.frames = many(r, |r| {
        let (function, pc, base, scopes) = (r.u32()?, r.u32()?, r.u32()?, r.u32()?);
        let reason = match r.byte()? {
            0 => Reason::Base,
            1 => Reason::Undo,
            2 => Reason::Call(r.u16()?),
            _ => return Err(UNKNOWN),
        };
        Ok(Frame { function, pc, base, reason, scopes })
    })?;
    task.scopes = many(r, read_scope)?;
    task.undos = many(r, read_undo)?;
    task.unwinding = many(r, |r| {
        let (frame, mark) = (r.u32()?, r.uint()?);
        let (handler, register) = (r.u32()?, r.u16()?);
        Ok(Unwind { frame, mark, handler, register, flow: r.flag()?, exit: read_exit(r)? })
    })?;
    task.state = read_state(r)?;
    if r.flag()? {
        task.undo_next = Some((r.u32()?, r.values()?));
    }
    task.faults = many(r, |r| Ok((r.u32()?, read_broken(r)?)))?;
    Ok(task)
}

fn write_scope(w: &mut Writer, scope: &Scope) {
    match scope.kind {
        ScopeKind::Else => w.byte(0),
        ScopeKind::Attempt => w.byte(1),
        ScopeKind::Unknown => w.byte(2),
        ScopeKind::Flow => w.byte(3),
        ScopeKind::Listen(ordinal) => {
            w.byte(4);
            w.uint(u64::from(ordinal));
        }
    }
    w.uint(u64::from(scope.frame));
    w.uint(u64::from(scope.handler));
    w.uint(u64::from(scope.register));
    w.uint(scope.mark);
    option(w, scope.deadline, |w, ordinal| w.uint(u64::from(ordinal)));
    w.flag(scope.expired);
}

fn read_scope(r: &mut Reader<'_>) -> Read<Scope> {
    let kind = match r.byte()? {
        0 => ScopeKind::Else,
        1 => ScopeKind::Attempt,
        2 => ScopeKind::Unknown,
        3 => ScopeKind::Flow,
        4 => ScopeKind::Listen(r.u32()?),
        _ => return Err(UNKNOWN),
    };
    let (frame, handler, register, mark) = (r.u32()?, r.u32()?, r.u16()?, r.uint()?);
    let deadline = if r.flag()? { Some(r.u32()?) } else { None };
    Ok(Scope { kind, frame, handler, register, mark, deadline, expired: r.flag()? })
}

fn write_undo(w: &mut Writer, undo: &Undo) {
    w.uint(undo.sequence);
    option(w, undo.function, |w, function| w.uint(u64::from(function)));
    w.values(&undo.captures);
    option(w, undo.pending.as_ref(), |w, op| {
        write_path(w, &op.task);
        w.uint(u64::from(op.ordinal));
    });
    w.flag(undo.unknown);
    w.flag(undo.past);
    w.value(&undo.result);
}

fn read_undo(r: &mut Reader<'_>) -> Read<Undo> {
    let sequence = r.uint()?;
    let function = if r.flag()? { Some(r.u32()?) } else { None };
    let (captures, pending) = (r.values()?, read_pending(r)?);
    let (unknown, past) = (r.flag()?, r.flag()?);
    Ok(Undo { sequence, function, captures, pending, unknown, past, result: r.value()? })
}

/// Until version 2 steps that nobody knows about held up nothing.
fn read_undo_of_2(r: &mut Reader<'_>) -> Read<Undo> {
    let (sequence, function, captures) = (r.uint()?, Some(r.u32()?), r.values()?);
    let pending = read_pending(r)?;
    Ok(Undo { sequence, function, captures, pending, unknown: false, past: false, result: r.value()? })
}

fn read_pending(r: &mut Reader<'_>) -> Read<Option<OpId>> {
    Ok(if r.flag()? { Some(OpId { task: read_path(r)?, ordinal: r.u32()? }) } else { None })
}

fn option<T>(w: &mut Writer, value: Option<T>, write: impl FnOnce(&mut Writer, T)) {
    w.flag(value.is_some());
    if let Some(value) = value {
        write(w, value);
    }
}

fn write_failure(w: &mut Writer, failure: &Failure) {
    let kind = FailureKind::ALL.iter().position(|k| *k == failure.kind).unwrap_or_default();
    w.len(kind);
    w.text(&failure.message);
    option(w, failure.retry_after, Writer::int);
}

fn read_failure(r: &mut Reader<'_>) -> Read<Failure> {
    let kind = usize::try_from(r.uint()?).ok().and_then(|k| FailureKind::ALL.get(k)).ok_or(UNKNOWN)?;
    let message = r.text()?.to_owned();
    let retry_after = if r.flag()? { Some(r.int()?) } else { None };
    Ok(Failure { kind: *kind, message, retry_after })
}

fn write_broken(w: &mut Writer, broken: &Broken) {
    match &broken.fault {
        Fault::Overflow => w.byte(0),
        Fault::DivisionByZero => w.byte(1),
        Fault::Currency => w.byte(2),
        Fault::Fuel => w.byte(3),
        Fault::Memory => w.byte(4),
        Fault::Depth => w.byte(5),
        Fault::Native(message) => {
            w.byte(6);
            w.text(message);
        }
        Fault::Unsound(what) => {
            w.byte(7);
            w.text(what);
        }
        Fault::NotPermitted(message) => {
            w.byte(8);
            w.text(message);
        }
    }
    w.uint(u64::from(broken.function.0));
    w.uint(u64::from(broken.pc));
}

fn read_broken(r: &mut Reader<'_>) -> Read<Broken> {
    let fault = match r.byte()? {
        0 => Fault::Overflow,
        1 => Fault::DivisionByZero,
        2 => Fault::Currency,
        3 => Fault::Fuel,
        4 => Fault::Memory,
        5 => Fault::Depth,
        6 => Fault::Native(r.text()?.to_owned()),
        7 => Fault::Unsound(r.text()?.to_owned().into()),
        8 => Fault::NotPermitted(r.text()?.to_owned()),
        _ => return Err(UNKNOWN),
    };
    Ok(Broken { fault, function: FunctionId(r.u32()?), pc: r.u32()? })
}

fn write_status(w: &mut Writer, status: &Status) {
    match status {
        Status::Waiting => w.byte(0),
        Status::Finished(value) => {
            w.byte(1);
            w.value(value);
        }
        Status::Failed(failure) => {
            w.byte(2);
            write_failure(w, failure);
        }
        Status::Cancelled(reason) => {
            w.byte(3);
            w.text(reason);
        }
        Status::Fault(broken) => {
            w.byte(4);
            write_broken(w, broken);
        }
    }
}

fn read_status(r: &mut Reader<'_>) -> Read<Status> {
    Ok(match r.byte()? {
        0 => Status::Waiting,
        1 => Status::Finished(r.value()?),
        2 => Status::Failed(read_failure(r)?),
        3 => Status::Cancelled(r.text()?.to_owned()),
        4 => Status::Fault(read_broken(r)?),
        _ => return Err(UNKNOWN),
    })
}

fn write_exit(w: &mut Writer, exit: &Exit) {
    match exit {
        Exit::Fail(failure) => {
            w.byte(0);
            write_failure(w, failure);
        }
        Exit::Cancel(reason) => {
            w.byte(1);
            w.text(reason);
        }
        Exit::Return(value) => {
            w.byte(2);
            w.value(value);
        }
        Exit::Fault(broken) => {
            w.byte(3);
            write_broken(w, broken);
        }
    }
}

fn read_exit(r: &mut Reader<'_>) -> Read<Exit> {
    Ok(match r.byte()? {
        0 => Exit::Fail(read_failure(r)?),
        1 => Exit::Cancel(r.text()?.to_owned()),
        2 => Exit::Return(r.value()?),
        3 => Exit::Fault(read_broken(r)?),
        _ => return Err(UNKNOWN),
    })
}

fn write_state(w: &mut Writer, state: &State) {
    match state {
        State::Ready => w.byte(0),
        State::Waiting { ordinal, register } => {
            w.byte(1);
            w.uint(u64::from(*ordinal));
            option(w, *register, |w, register| w.uint(u64::from(register)));
        }
        State::Joining(join) => {
            w.byte(2);
            w.uint(u64::from(join.register));
            w.uint(u64::from(join.fork));
            w.uint(u64::from(join.next));
            w.len(join.live.len());
            for (child, branch) in &join.live {
                w.uint(u64::from(*child));
                w.uint(u64::from(*branch));
            }
            w.values(&join.results);
            w.values(&join.items);
            w.values(&join.captures);
        }
        State::Settling => w.byte(5),
        State::Ended(Ok(value)) => {
            w.byte(3);
            w.value(value);
        }
        State::Ended(Err(exit)) => {
            w.byte(4);
            write_exit(w, exit);
        }
    }
}

fn read_state(r: &mut Reader<'_>) -> Read<State> {
    Ok(match r.byte()? {
        0 => State::Ready,
        1 => {
            let ordinal = r.u32()?;
            State::Waiting { ordinal, register: if r.flag()? { Some(r.u16()?) } else { None } }
        }
        2 => {
            let (register, fork, next) = (r.u16()?, r.u32()?, r.u32()?);
            let live = many(r, |r| Ok((r.u32()?, r.u32()?)))?;
            let (results, items, captures) = (r.values()?, r.values()?, r.values()?);
            State::Joining(Join { register, fork, live, results, items, captures, next })
        }
        3 => State::Ended(Ok(r.value()?)),
        4 => State::Ended(Err(read_exit(r)?)),
        5 => State::Settling,
        _ => return Err(UNKNOWN),
    })
}

fn write_path(w: &mut Writer, path: &TaskPath) {
    w.len(path.0.len());
    path.0.iter().for_each(|n| w.uint(u64::from(*n)));
}

fn read_path(r: &mut Reader<'_>) -> Read<TaskPath> {
    Ok(TaskPath(many(r, |r| r.u32())?))
}
