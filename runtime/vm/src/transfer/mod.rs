//! A run that stands at a wait with a name, moved to another version of its program.
//!
//! What the new version will still read must be there in the old one: under the same name, with the same structure. So a
//! move needs no code of its own, and either fits or is refused with the reason. Deliberately not here: when a run is moved.

mod error;
mod paths;

pub use error::MoveError;

use crate::program::Program;
use crate::run::Run;
use crate::task::{Frame, Reason, Scope, ScopeKind, State, Task};
use carapace_effect::TaskPath;
use carapace_module::code::{Function, Op, WaitPoint};
use carapace_module::signature::{FlowSignature, FunctionId};
use carapace_module::{Module, Type, Value, shape, structure};
use paths::{Known, Opened, Paths};
use std::sync::Arc;

impl Run {
    /// A run of `flow` that was written down, as one of the program `to`: it stands at the wait of the same name there.
    ///
    /// # Errors
    /// Why it cannot be moved.
    pub fn moved(snapshot: &[u8], from: &Module, to: &Program, flow: &str) -> Result<Run, MoveError> {
        let mut run = Run::restore_of(from, snapshot).map_err(|_| MoveError::Tangled)?;
        let task = run.lone_task()?;
        let (old, new) = (Way::of(from, flow)?, Way::of(to.module(), flow)?);
        let stands = Standing::of(&old, task)?;
        let there = Target::find(&new, to, &stands.point.label)?;
        let around = Around::of(&new, to)?;
        let moving = Moving { old: &old, new: &new, stands: &stands, there: &there };
        let outer = moving.parameters(around.function.registers)?;
        let inner = moving.registers()?;
        let mut task = task.clone();
        task.scopes = moving.scopes(&task, &around)?;
        task.state = State::Waiting { ordinal: stands.ordinal, register: Some(there.result) };
        task.frames = frames(&around, &there, task.scopes.len());
        task.stack = outer.into_iter().chain(inner).collect();
        run.put(task);
        Ok(run)
    }

    /// The one task, where nothing but a wait goes on in it.
    fn lone_task(&self) -> Result<&Task, MoveError> {
        let task = self.tasks.get(&TaskPath::default()).ok_or(MoveError::Elsewhere)?;
        if self.tasks.len() != 1 {
            return Err(MoveError::Branches);
        }
        if !task.undos.is_empty() || !self.late.is_empty() {
            return Err(MoveError::Undo);
        }
        let ends = self.ended.is_some() || self.interrupted.is_some() || !task.unwinding.is_empty();
        if ends || !task.faults.is_empty() || task.undo_next.is_some() {
            return Err(MoveError::Ending);
        }
        Ok(task)
    }
}

/// A flow in one of the two programs: the function that is called, and the body that it calls.
struct Way<'m> {
    module: &'m Module,
    flow: &'m FlowSignature,
    around: &'m Function,
    /// The body, and the instruction of `around` that calls it.
    body: FunctionId,
    code: &'m Function,
    call: usize,
}

impl<'m> Way<'m> {
    fn of(module: &'m Module, flow: &str) -> Result<Way<'m>, MoveError> {
        let flow = module.flow(flow).ok_or_else(|| MoveError::NoFlow(flow.to_owned()))?;
        let around = module.function(flow.body).ok_or(MoveError::Tangled)?;
        // The body is what is called first; handlers come after it.
        let call = around.code.iter().position(|i| i.op == Op::Call).ok_or(MoveError::Tangled)?;
        let body = around.code.get(call).map(|i| FunctionId(i.b.into())).ok_or(MoveError::Tangled)?;
        let code = module.function(body).ok_or(MoveError::Tangled)?;
        Ok(Way { module, flow, around, body, code, call })
    }

    fn structure(&self, ty: &Type) -> String {
        structure(&shape(&self.module.types, ty))
    }

    /// Where that name waits.
    fn point(&self, label: &str) -> Option<&'m WaitPoint> {
        let mut points = self.code.wait_points.iter().filter(|point| *point.label == *label);
        // Code that was written twice, as a loop's condition is, has it twice: then nobody can say which.
        points.next().filter(|_| points.next().is_none())
    }
}

/// Where the run stands in the old program.
struct Standing<'m> {
    point: &'m WaitPoint,
    ordinal: u32,
    known: Known,
    /// The registers of the called function, and of the body.
    outer: Vec<Value>,
    inner: Vec<Value>,
}

impl<'m> Standing<'m> {
    fn of(way: &Way<'m>, task: &Task) -> Result<Standing<'m>, MoveError> {
        let State::Waiting { ordinal, .. } = task.state else { return Err(MoveError::Elsewhere) };
        let [outer, inner] = &task.frames[..] else { return Err(MoveError::Elsewhere) };
        let called = outer.function == way.flow.body.0
            && outer.pc as usize == way.call + 1
            && inner.function == way.body.0;
        let points = way.code.wait_points.iter();
        let point = points.filter(|_| called).find(|point| point.pc.saturating_add(1) == inner.pc);
        let point = point.ok_or(MoveError::Elsewhere)?;
        let known = Paths::new(way.module, way.code)?.known(point.pc as usize)?;
        let base = inner.base as usize;
        let (outer, inner) = task.stack.split_at_checked(base).ok_or(MoveError::Tangled)?;
        Ok(Standing { point, ordinal, known, outer: outer.to_vec(), inner: inner.to_vec() })
    }
}

/// The wait in the new program.
struct Target<'m> {
    point: &'m WaitPoint,
    function: &'m Function,
    id: FunctionId,
    pc: u32,
    result: u16,
    scopes: Vec<Opened>,
    live: paths::Registers,
}

impl<'m> Target<'m> {
    fn find(way: &Way<'m>, program: &Program, label: &Arc<str>) -> Result<Target<'m>, MoveError> {
        let point = way.point(label).ok_or_else(|| MoveError::NoWait(label.to_string()))?;
        let at = point.pc as usize;
        let ask = way.code.code.get(at).filter(|i| i.op == Op::Effect).ok_or(MoveError::Tangled)?;
        let paths = Paths::new(way.module, way.code)?;
        let Known { scopes, .. } = paths.known(at)?;
        let mut live = paths.live(program, at.saturating_add(1), &scopes)?;
        live.remove(&ask.a);
        let pc = point.pc.saturating_add(1);
        Ok(Target { point, function: way.code, id: way.body, pc, result: ask.a, scopes, live })
    }
}

/// The function around the body, at its call in the new program.
struct Around<'m> {
    function: &'m Function,
    id: FunctionId,
    pc: u32,
    result: u16,
    scopes: Vec<Opened>,
}

impl<'m> Around<'m> {
    fn of(way: &Way<'m>, program: &Program) -> Result<Around<'m>, MoveError> {
        let call = way.around.code.get(way.call).ok_or(MoveError::Tangled)?;
        let paths = Paths::new(way.module, way.around)?;
        let Known { scopes, .. } = paths.known(way.call)?;
        let mut live = paths.live(program, way.call.saturating_add(1), &scopes)?;
        live.remove(&call.a);
        // It reads its parameters, for its handlers, and nothing else that was there before.
        if live.iter().any(|register| *register >= way.around.params) {
            return Err(MoveError::Tangled);
        }
        let pc = u32::try_from(way.call).unwrap_or(u32::MAX).saturating_add(1);
        Ok(Around { function: way.around, id: way.flow.body, pc, result: call.a, scopes })
    }
}

struct Moving<'a, 'm> {
    old: &'a Way<'m>,
    new: &'a Way<'m>,
    stands: &'a Standing<'m>,
    there: &'a Target<'m>,
}

impl Moving<'_, '_> {
    /// Registers of the function around the body: its parameters, and nothing else.
    fn parameters(&self, registers: u16) -> Result<Vec<Value>, MoveError> {
        let (old, new) = (self.old.flow, self.new.flow);
        if old.triggers.is_empty() != new.triggers.is_empty() {
            return Err(MoveError::Begun);
        }
        let mut values = if new.triggers.is_empty() {
            let of = |(name, ty): &(Arc<str>, Type)| {
                let at = old.params.iter().position(|(known, _)| known == name);
                let at = at.ok_or_else(|| MoveError::Missing(name.to_string()))?;
                self.same(name, old.params.get(at).map(|(_, ty)| ty), ty)?;
                self.stands.outer.get(at).cloned().ok_or(MoveError::Tangled)
            };
            new.params.iter().map(of).collect::<Result<Vec<_>, _>>()?
        } else {
            vec![self.event(self.stands.outer.first())?]
        };
        values.resize(registers.into(), Value::None);
        Ok(values)
    }

    /// The record of the event, with the slots that the new version gives it.
    fn event(&self, record: Option<&Value>) -> Result<Value, MoveError> {
        let (old, new) = (&self.stands.point.event, &self.there.point.event);
        let of = |(name, ty): &(Arc<str>, Type)| {
            let at = old.iter().position(|(known, _)| known == name);
            let at = at.ok_or_else(|| MoveError::Missing(name.to_string()))?;
            self.same(name, old.get(at).map(|(_, ty)| ty), ty)?;
            record.and_then(|record| record.slot(at)).cloned().ok_or(MoveError::Tangled)
        };
        Ok(Value::record(new.iter().map(of).collect::<Result<Vec<_>, _>>()?))
    }

    /// Registers of the body: what it will still read.
    fn registers(&self) -> Result<Vec<Value>, MoveError> {
        let mut values = vec![Value::None; self.there.function.registers.into()];
        for register in &self.there.live {
            let value = if *register == 0 && !self.new.flow.triggers.is_empty() {
                self.event(self.stands.inner.first())?
            } else {
                self.local(*register)?
            };
            *values.get_mut(usize::from(*register)).ok_or(MoveError::Tangled)? = value;
        }
        Ok(values)
    }

    /// What has the same name in the old version.
    fn local(&self, register: u16) -> Result<Value, MoveError> {
        let named = self.there.point.locals.iter().rfind(|(at, ..)| *at == register);
        let (_, name, ty) = named.ok_or(MoveError::Hidden)?;
        let written = |at: &u16| self.stands.known.written.contains(at);
        let known = self.stands.point.locals.iter().rfind(|(at, known, _)| known == name && written(at));
        let (at, _, known) = known.ok_or_else(|| MoveError::Missing(name.to_string()))?;
        self.same(name, Some(known), ty)?;
        self.stands.inner.get(usize::from(*at)).cloned().ok_or(MoveError::Tangled)
    }

    fn same(&self, name: &str, old: Option<&Type>, new: &Type) -> Result<(), MoveError> {
        let old = old.map(|ty| self.old.structure(ty)).ok_or(MoveError::Tangled)?;
        if old == self.new.structure(new) { Ok(()) } else { Err(MoveError::Retyped(name.to_owned())) }
    }

    /// The scopes that are open, with the handlers of the new version: kinds and order have to be the same.
    fn scopes(&self, task: &Task, around: &Around<'_>) -> Result<Vec<Scope>, MoveError> {
        let new = around.scopes.iter().map(|scope| (0, scope));
        let new: Vec<_> = new.chain(self.there.scopes.iter().map(|scope| (1, scope))).collect();
        if new.len() != task.scopes.len() {
            return Err(MoveError::Around);
        }
        let pairs = task.scopes.iter().zip(new);
        pairs
            .map(|(old, (frame, new))| {
                let same = old.kind == new.kind && old.frame == frame;
                if !same || matches!(old.kind, ScopeKind::Listen(_)) {
                    return Err(MoveError::Around);
                }
                Ok(Scope { handler: new.handler, register: new.register, ..old.clone() })
            })
            .collect()
    }
}

fn frames(around: &Around<'_>, there: &Target<'_>, scopes: usize) -> Vec<Frame> {
    let outer = u32::try_from(around.scopes.len()).unwrap_or(u32::MAX);
    let inner = u32::try_from(scopes).unwrap_or(u32::MAX).saturating_sub(outer);
    vec![
        Frame { function: around.id.0, pc: around.pc, base: 0, reason: Reason::Base, scopes: outer },
        Frame {
            function: there.id.0,
            pc: there.pc,
            base: around.function.registers.into(),
            reason: Reason::Call(around.result),
            scopes: inner,
        },
    ]
}
