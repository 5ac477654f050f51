//! A run as bytes, and back. Canonical: equal runs are equal bytes, and what is read back is equal.
//!
//! Version, counters, tasks in path order, late undos, how the root ended. Lists are counts and members, options are flags; numbers are
//! the codec's. A snapshot is read together with the module it was made with: the journal pins it.

use crate::fault::SnapshotError;
use crate::program::Program;
use crate::run::{Run, Status};
use crate::task::{Exit, Frame, Join, Reason, Scope, ScopeKind, State, Task, Undo, Unwind};
use carapace_effect::{Failure, FailureKind, OpId, TaskPath};
use carapace_module::codec::{Error, Reader, Writer};
use std::collections::BTreeMap;

/// Goes up when the form changes; older forms stay readable.
const VERSION: u64 = 1;

type Read<T> = Result<T, Error>;

const UNKNOWN: Error = Error::Form("an unknown kind in a snapshot");

impl Run {
    /// The run as canonical bytes. Taken between two advances, when nothing is asked that was not told.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.uint(VERSION);
        w.uint(self.sequence);
        w.uint(u64::from(self.detached));
        w.len(self.tasks.len());
        for task in self.tasks.values() {
            write_task(&mut w, task);
        }
        w.len(self.late.len());
        self.late.iter().for_each(|undo| write_undo(&mut w, undo));
        write_ended(&mut w, self.ended.as_ref());
        w.bytes
    }

    /// A run as it was.
    ///
    /// # Errors
    /// Where the bytes are no snapshot, or not one of a run of this module.
    pub fn restore(program: &Program, bytes: &[u8]) -> Result<Run, SnapshotError> {
        let run = read_run(bytes).map_err(|e| SnapshotError(e.to_string()))?;
        check(program, &run).map_err(|what| SnapshotError(what.to_owned()))?;
        Ok(run)
    }
}

fn read_run(bytes: &[u8]) -> Read<Run> {
    let mut r = Reader::new(bytes);
    if r.uint()? != VERSION {
        return Err(Error::Form("a snapshot of another version"));
    }
    let sequence = r.uint()?;
    let detached = r.u32()?;
    let mut tasks = BTreeMap::new();
    for _ in 0..r.count()? {
        let task = read_task(&mut r)?;
        tasks.insert(task.path.clone(), task);
    }
    let late = many(&mut r, read_undo)?;
    let ended = read_ended(&mut r)?;
    if !r.is_done() {
        return Err(Error::Form("bytes behind a snapshot"));
    }
    Ok(Run { tasks, late, sequence, detached, ended, requests: Vec::new(), abandoned: Vec::new() })
}

/// Everything that the machine relies on: frames of known functions, registers where they say.
fn check(program: &Program, run: &Run) -> Result<(), &'static str> {
    let functions = &program.module().functions;
    for task in run.tasks.values() {
        let mut from = 0;
        for frame in &task.frames {
            let function = functions.get(frame.function as usize).ok_or("a frame of an unknown function")?;
            if frame.base as usize != from || frame.pc as usize >= function.code.len() {
                return Err("a frame that does not fit");
            }
            from += usize::from(function.registers);
        }
        if task.stack.len() != from {
            return Err("registers that do not fit the frames");
        }
        if task.scopes.iter().any(|s| s.frame as usize >= task.frames.len()) {
            return Err("a scope of no frame");
        }
        if let State::Joining(join) = &task.state
            && program.module().forks.get(join.fork as usize).is_none()
        {
            return Err("an unknown fork");
        }
    }
    let known = |u: &Undo| functions.get(u.function as usize).is_some();
    if run.late.iter().chain(run.tasks.values().flat_map(|t| &t.undos)).all(known) {
        Ok(())
    } else {
        Err("an undo of an unknown function")
    }
}

fn many<T>(r: &mut Reader<'_>, read: fn(&mut Reader<'_>) -> Read<T>) -> Read<Vec<T>> {
    (0..r.count()?).map(|_| read(r)).collect()
}

fn write_task(w: &mut Writer, task: &Task) {
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
        w.uint(u64::from(unwind.mark));
        w.uint(u64::from(unwind.handler));
        w.uint(u64::from(unwind.register));
        w.flag(unwind.flow);
        write_exit(w, &unwind.exit);
    }
    write_state(w, &task.state);
    w.flag(task.undo_next.is_some());
    if let Some((function, captures)) = &task.undo_next {
        w.uint(u64::from(*function));
        w.values(captures);
    }
}

fn read_task(r: &mut Reader<'_>) -> Read<Task> {
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
        let (mark, handler, register) = (r.u32()?, r.u32()?, r.u16()?);
        Ok(Unwind { mark, handler, register, flow: r.flag()?, exit: read_exit(r)? })
    })?;
    task.state = read_state(r)?;
    if r.flag()? {
        task.undo_next = Some((r.u32()?, r.values()?));
    }
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
    w.uint(u64::from(scope.mark));
    w.flag(scope.deadline.is_some());
    if let Some(ordinal) = scope.deadline {
        w.uint(u64::from(ordinal));
    }
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
    let (frame, handler, register, mark) = (r.u32()?, r.u32()?, r.u16()?, r.u32()?);
    let deadline = if r.flag()? { Some(r.u32()?) } else { None };
    Ok(Scope { kind, frame, handler, register, mark, deadline, expired: r.flag()? })
}

fn write_undo(w: &mut Writer, undo: &Undo) {
    w.uint(undo.sequence);
    w.uint(u64::from(undo.function));
    w.values(&undo.captures);
    w.flag(undo.pending.is_some());
    if let Some(op) = &undo.pending {
        write_path(w, &op.task);
        w.uint(u64::from(op.ordinal));
    }
    w.value(&undo.result);
}

fn read_undo(r: &mut Reader<'_>) -> Read<Undo> {
    let (sequence, function, captures) = (r.uint()?, r.u32()?, r.values()?);
    let pending = if r.flag()? { Some(OpId { task: read_path(r)?, ordinal: r.u32()? }) } else { None };
    Ok(Undo { sequence, function, captures, pending, result: r.value()? })
}

/// How the root ended, while what was done late is taken back. A run that broke a rule has nothing left to go on with.
fn write_ended(w: &mut Writer, ended: Option<&Status>) {
    let end = match ended {
        None | Some(Status::Waiting | Status::Fault(_)) => return w.flag(false),
        Some(Status::Finished(value)) => Exit::Return(value.clone()),
        Some(Status::Failed(failure)) => Exit::Fail(failure.clone()),
        Some(Status::Cancelled(reason)) => Exit::Cancel(reason.clone()),
    };
    w.flag(true);
    write_exit(w, &end);
}

fn read_ended(r: &mut Reader<'_>) -> Read<Option<Status>> {
    if !r.flag()? {
        return Ok(None);
    }
    Ok(Some(match read_exit(r)? {
        Exit::Return(value) => Status::Finished(value),
        Exit::Fail(failure) => Status::Failed(failure),
        Exit::Cancel(reason) => Status::Cancelled(reason),
    }))
}

fn write_exit(w: &mut Writer, exit: &Exit) {
    match exit {
        Exit::Fail(failure) => {
            w.byte(0);
            let kind = FailureKind::ALL.iter().position(|k| *k == failure.kind).unwrap_or_default();
            w.len(kind);
            w.text(&failure.message);
            w.flag(failure.retry_after.is_some());
            w.int(failure.retry_after.unwrap_or_default());
        }
        Exit::Cancel(reason) => {
            w.byte(1);
            w.text(reason);
        }
        Exit::Return(value) => {
            w.byte(2);
            w.value(value);
        }
    }
}

fn read_exit(r: &mut Reader<'_>) -> Read<Exit> {
    Ok(match r.byte()? {
        0 => {
            let kind =
                usize::try_from(r.uint()?).ok().and_then(|k| FailureKind::ALL.get(k)).ok_or(UNKNOWN)?;
            let message = r.text()?.to_owned();
            let (some, ms) = (r.flag()?, r.int()?);
            Exit::Fail(Failure { kind: *kind, message, retry_after: some.then_some(ms) })
        }
        1 => Exit::Cancel(r.text()?.to_owned()),
        2 => Exit::Return(r.value()?),
        _ => return Err(UNKNOWN),
    })
}

fn write_state(w: &mut Writer, state: &State) {
    match state {
        State::Ready => w.byte(0),
        State::Waiting { ordinal, register } => {
            w.byte(1);
            w.uint(u64::from(*ordinal));
            w.flag(register.is_some());
            w.uint(u64::from(register.unwrap_or_default()));
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
            let (ordinal, some, register) = (r.u32()?, r.flag()?, r.u16()?);
            State::Waiting { ordinal, register: some.then_some(register) }
        }
        2 => {
            let (register, fork, next) = (r.u16()?, r.u32()?, r.u32()?);
            let live = many(r, |r| Ok((r.u32()?, r.u32()?)))?;
            let (results, items, captures) = (r.values()?, r.values()?, r.values()?);
            State::Joining(Join { register, fork, live, results, items, captures, next })
        }
        3 => State::Ended(Ok(r.value()?)),
        4 => State::Ended(Err(read_exit(r)?)),
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
