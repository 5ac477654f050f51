//! Instructions that concern the task: requests, scopes, exits.

use crate::exec::Machine;
use crate::fault::Fault;
use crate::run::Run;
use crate::task::{Exit, Scope, ScopeKind, State, Task, Undo};
use carapace_effect::{
    EffectRequest, Failure, FailureKind, OpId, Request, RequestKind, TaskPath, WaitRequest,
};
use carapace_module::code::{From, Instr, Op, Wait};
use carapace_module::json::substitute;
use carapace_module::signature::FunctionId;
use carapace_module::{Type, Value};

/// More scopes one inside the other than any frames of sane code have.
const MOST_SCOPES: usize = 100_000;

/// What a request counts for, in bytes.
const REQUEST: u64 = 256;

const MISSING: Fault = Fault::unsound("a table's entry is missing");

impl Run {
    pub(crate) fn instruct(
        &mut self,
        machine: &mut Machine<'_>,
        task: &mut Task,
        i: Instr,
    ) -> Result<(), Fault> {
        let program = machine.program;
        match i.op {
            Op::EnterScope => self.enter(task, ScopeKind::Else, i)?,
            Op::EnterAttempt => self.enter(task, ScopeKind::Attempt, i)?,
            Op::EnterUnknown => self.enter(task, ScopeKind::Unknown, i)?,
            Op::EnterFlow => self.enter(task, ScopeKind::Flow, i)?,
            Op::LeaveScope => {
                let scope = task.scopes.pop().ok_or(Fault::unsound("no scope is open"))?;
                self.close(task, &scope);
            }
            Op::Return => {
                let value = task.register(i.a);
                self.return_from(task, value);
            }
            Op::ReturnFlow => {
                let value = task.register(i.a);
                self.leave(program, task, Exit::Return(value));
            }
            Op::IsTransient => {
                let transient = failure_of(&task.register(i.b))?.kind.is_transient();
                task.set(i.a, Value::Bool(transient));
            }
            Op::Raise => {
                let failure = failure_of(&task.register(i.a))?;
                // A flow that was left by a fault raises the fault again, whatever its handler made of it.
                let flow = task.faults.pop_if(|(frame, _)| *frame as usize + 1 == task.frames.len());
                let whole = task.path.0.is_empty() && task.frames.len() == 1;
                self.handled = i.b == 1 && whole && flow.is_none();
                let exit = flow.map_or(Exit::Fail(failure), |(_, broken)| Exit::Fault(broken));
                self.leave(program, task, exit);
            }
            Op::Fail => {
                let message = text_of(&task.register(i.a))?;
                self.leave(program, task, Exit::Fail(Failure::new(FailureKind::Failed, message)));
            }
            Op::Cancel => {
                let reason = text_of(&task.register(i.a))?;
                self.leave(program, task, Exit::Cancel(reason));
            }
            Op::UndoNext => {
                task.undo_next = Some((u32::from(i.a), task.registers(i.b, usize::from(i.c))));
            }
            Op::UndoNow => {
                let captures = task.registers(i.b, usize::from(i.c));
                self.register(machine, task, u32::from(i.a), captures, None)?;
            }
            Op::Fork => self.fork(machine, task, i)?,
            _ => self.request(machine, task, i)?,
        }
        Ok(())
    }

    /// Instructions that ask the world.
    fn request(&mut self, machine: &mut Machine<'_>, task: &mut Task, i: Instr) -> Result<(), Fault> {
        machine.keep(REQUEST)?;
        let module = machine.program.module();
        let waits = |task: &mut Task, register| {
            let ordinal = task.next_ordinal();
            task.state = State::Waiting { ordinal, register };
            ordinal
        };
        let (ordinal, kind) = match i.op {
            Op::Effect => {
                let call = module.effect_calls.get(usize::from(i.b)).ok_or(MISSING)?;
                let effect = module.effects.get(call.effect as usize).ok_or(MISSING)?;
                // Nobody after the machine has to know that the declaration was generic.
                let own = |ty: &Type| {
                    call.type_arg
                        .as_ref()
                        .map_or_else(|| ty.clone(), |arg| substitute(ty, std::slice::from_ref(arg)))
                };
                let request = EffectRequest {
                    effect: effect.name.clone(),
                    version: effect.version,
                    args: task.registers(i.c, effect.params.len()),
                    types: effect.params.iter().map(|(_, ty)| own(ty)).collect(),
                    result: own(&effect.result),
                    type_arg: call.type_arg.clone(),
                    class: effect.class,
                    delivery: call.delivery,
                    label: call.label.clone(),
                };
                let ordinal = waits(task, Some(i.a));
                if let Some((function, captures)) = task.undo_next.take() {
                    let op = task.op(ordinal);
                    self.register(machine, task, function, captures, Some(op))?;
                }
                (ordinal, RequestKind::Effect(request))
            }
            Op::Backoff => {
                let failure = failure_of(&task.register(i.a))?;
                let attempt =
                    task.register(i.b).as_int().and_then(|n| u32::try_from(n).ok()).unwrap_or(u32::MAX);
                let bounds = (i.c != u16::MAX).then(|| {
                    let of = |r: u16| task.register(r).as_duration().unwrap_or_default();
                    (of(i.c), of(i.c.saturating_add(1)))
                });
                (waits(task, None), RequestKind::Backoff { attempt, bounds, failure })
            }
            Op::Deadline => {
                let ordinal = task.next_ordinal();
                let scope = task.scopes.last_mut().ok_or(Fault::unsound("no scope is open"))?;
                scope.deadline = Some(ordinal);
                let (after, at) = match task.register(i.b) {
                    Value::Duration(ms) if i.a == 0 || i.a == 2 => (Some(ms), None),
                    Value::Time(ms) if i.a == 1 => (None, Some(ms)),
                    _ => return Err(Fault::unsound("a deadline was promised")),
                };
                (ordinal, RequestKind::Deadline { after, at, patient: i.a == 2 })
            }
            Op::Await => {
                let wait = wait_of(module.waits.get(usize::from(i.b)).ok_or(MISSING)?, task, i.c);
                (waits(task, Some(i.a)), RequestKind::Await(wait))
            }
            Op::Listen => {
                let wait = wait_of(module.waits.get(usize::from(i.b)).ok_or(MISSING)?, task, i.c);
                let ordinal = task.next_ordinal();
                let name = task.op(ordinal).to_string();
                self.enter(task, ScopeKind::Listen(ordinal), i)?;
                task.set(i.a, Value::text(name));
                (ordinal, RequestKind::Listen(wait))
            }
            Op::ListenNext => {
                let buffer =
                    op_of(&text_of(&task.register(i.b))?).ok_or(Fault::unsound("a buffer was promised"))?;
                (waits(task, Some(i.a)), RequestKind::ListenNext { buffer })
            }
            Op::Start => {
                let flow = module.flows.get(usize::from(i.b)).ok_or(MISSING)?;
                let args = task.registers(i.c, flow.params.len());
                (waits(task, Some(i.a)), RequestKind::Start { flow: flow.name.clone(), args })
            }
            Op::Test => {
                let args = task.registers(i.b, usize::from(i.c));
                (waits(task, None), RequestKind::Test { op: u32::from(i.a), args })
            }
            _ => return Err(Fault::unsound("an instruction of another kind")),
        };
        if let Err(refused) = machine.host.permits(&kind) {
            // It was never asked: nobody waits for it, and there is nothing to take back.
            let op = task.op(ordinal);
            if matches!(task.state, State::Waiting { .. }) {
                task.state = State::Ready;
            }
            task.undos.retain(|undo| undo.pending.as_ref() != Some(&op));
            return Err(Fault::NotPermitted(refused));
        }
        let site = task.frames.last().map_or(0, |f| machine.program.site(FunctionId(f.function), f.pc));
        self.requests.push(Request { op: task.op(ordinal), kind, site });
        Ok(())
    }

    fn enter(&self, task: &mut Task, kind: ScopeKind, i: Instr) -> Result<(), Fault> {
        if task.scopes.len() >= MOST_SCOPES {
            return Err(Fault::Depth);
        }
        let Some(frame) = task.frames.last_mut() else { return Err(Fault::unsound("there is no frame")) };
        frame.scopes += 1;
        task.scopes.push(Scope {
            kind,
            frame: u32::try_from(task.frames.len() - 1).unwrap_or(u32::MAX),
            // A buffer's scope takes nothing: its operands say what it waits for.
            handler: if matches!(kind, ScopeKind::Listen(_)) { 0 } else { i.wide_operand() },
            register: i.a,
            mark: self.sequence,
            deadline: None,
            expired: false,
        });
        Ok(())
    }

    /// Remembers how to take a step back: one that is under way (`op`), or one that has happened.
    fn register(
        &mut self,
        machine: &mut Machine<'_>,
        task: &mut Task,
        function: u32,
        captures: Vec<Value>,
        op: Option<OpId>,
    ) -> Result<(), Fault> {
        let undo = Undo {
            sequence: self.sequence,
            function: Some(function),
            captures,
            pending: op,
            unknown: false,
            past: false,
            result: Value::None,
        };
        machine.keep(undo.size())?;
        self.sequence += 1;
        task.undos.push(undo);
        Ok(())
    }
}

fn wait_of(wait: &Wait, task: &Task, base: u16) -> WaitRequest {
    let mut next = base;
    let mut take = || {
        let value = task.register(next);
        next = next.saturating_add(1);
        value
    };
    let from = match wait.from {
        From::Sender => None,
        From::Anyone => Some(None),
        From::Operand => Some(Some(take())),
    };
    let conversation = wait.conversation.then(&mut take);
    let condition = wait.condition.map(|(function, count)| (function, (0..count).map(|_| take()).collect()));
    WaitRequest { trigger: wait.trigger.clone(), fields: wait.fields.clone(), from, conversation, condition }
}

fn text_of(value: &Value) -> Result<String, Fault> {
    value.as_text().map(str::to_owned).ok_or(Fault::unsound("a Text was promised"))
}

/// The library's `Error` record as a failure.
pub(crate) fn failure_of(value: &Value) -> Result<Failure, Fault> {
    const WRONG: Fault = Fault::unsound("an Error was promised");
    let tag = value.slot(0).and_then(Value::tag_number).ok_or(WRONG)?;
    let kind = FailureKind::ALL.get(tag as usize).copied().ok_or(WRONG)?;
    let message = value.slot(1).and_then(Value::as_text).ok_or(WRONG)?.to_owned();
    let retry_after = value.slot(2).and_then(Value::as_duration);
    Ok(Failure { kind, message, retry_after })
}

/// A failure as the library's `Error` record.
pub(crate) fn error_of(failure: &Failure) -> Value {
    let tag = FailureKind::ALL.iter().position(|k| *k == failure.kind).and_then(|n| u32::try_from(n).ok());
    Value::record(vec![
        Value::Tag(tag.unwrap_or_default()),
        Value::text(&*failure.message),
        failure.retry_after.map_or(Value::None, Value::Duration),
    ])
}

/// `0.2:5`, read back.
fn op_of(text: &str) -> Option<OpId> {
    let (path, ordinal) = text.rsplit_once(':')?;
    let task = if path.is_empty() {
        Vec::new()
    } else {
        path.split('.').map(|n| n.parse().ok()).collect::<Option<_>>()?
    };
    Some(OpId { task: TaskPath(task), ordinal: ordinal.parse().ok()? })
}
