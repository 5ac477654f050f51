//! The interpreter: instructions of one task, until something is to be decided outside.

mod append;
mod data;
mod jump;
mod operands;
mod rare;
mod run;
mod world;

pub(crate) use operands::{clear, list};

use crate::fault::Fault;
use crate::host::{Host, Limits};
use crate::program::Program;
use crate::task::{Frame, Reason};
use carapace_module::Value;
use carapace_module::code::{Instr, Op};

/// Why the loop stopped.
#[derive(Debug)]
pub(crate) enum Pause {
    /// The frame that is no mere call returned this; it is off the stack.
    Returned(Reason, Value),
    /// An instruction that concerns the task: a request, a scope, a fork. The pc is behind it.
    Task(Instr),
}

/// What the loop works with.
pub(crate) struct Machine<'a> {
    pub(crate) program: &'a Program,
    pub(crate) host: &'a mut dyn Host,
    pub(crate) limits: Limits,
    pub(crate) fuel: u64,
    pub(crate) visits: bool,
    /// Whether the host counts calls.
    counts: bool,
    /// Fuel that was given again after a fault, so that what was done can be taken back.
    refuelled: u64,
    /// Bytes that this stretch added to what the run keeps beside its registers.
    kept: u64,
    /// Bytes of values that were made since somebody looked whether all is held.
    made: u64,
    /// Pure calls one inside the other, each on the host's stack.
    nested: u32,
}

/// How often a stretch is given fuel again, to take back what was done, and what part of the whole each time.
const REFUELS: u64 = 16;

impl<'a> Machine<'a> {
    pub(crate) fn new(program: &'a Program, host: &'a mut dyn Host, limits: Limits) -> Machine<'a> {
        let (visits, counts) = (host.visits(), host.counts());
        let (fuel, refuelled) = (limits.fuel, 0);
        Machine { program, host, limits, fuel, visits, counts, refuelled, kept: 0, made: 0, nested: 0 }
    }

    /// Fuel that was used.
    pub(crate) const fn used(&self) -> u64 {
        self.limits.fuel.saturating_add(self.refuelled).saturating_sub(self.fuel)
    }

    /// Gives fuel again after there was none left; false where that was done too often.
    pub(crate) fn refuel(&mut self) -> bool {
        let portion = self.limits.fuel / REFUELS;
        if self.refuelled >= portion.saturating_mul(REFUELS) {
            return false;
        }
        self.refuelled = self.refuelled.saturating_add(portion);
        self.fuel = self.fuel.saturating_add(portion);
        true
    }

    /// Accounts for something the run keeps beside its registers: an undo, a request, a branch.
    pub(crate) fn keep(&mut self, size: u64) -> Result<(), Fault> {
        self.kept = self.kept.saturating_add(size);
        if self.kept > self.limits.memory { Err(Fault::Memory) } else { self.burn(size / 16) }
    }

    /// Accounts for work that is more than one instruction's.
    pub(crate) fn burn(&mut self, fuel: u64) -> Result<(), Fault> {
        self.fuel = self.fuel.checked_sub(fuel).ok_or(Fault::Fuel)?;
        Ok(())
    }

    /// Accounts for a new value.
    fn made(&mut self, value: Value) -> Result<Value, Fault> {
        let size = value.size();
        if size > self.limits.memory {
            return Err(Fault::Memory);
        }
        if value.depth() >= carapace_module::value::MAX_DEPTH {
            return Err(Fault::Depth);
        }
        self.burn(size / 16)?;
        self.made = self.made.saturating_add(size);
        Ok(value)
    }

    /// Runs the top frame, and what it calls.
    pub(crate) fn execute(
        &mut self,
        frames: &mut Vec<Frame>,
        stack: &mut Vec<Value>,
    ) -> Result<Pause, Fault> {
        loop {
            let i = self.run_frame(frames, stack)?;
            if let Some(pause) = self.follow(frames, stack, i)? {
                return Ok(pause);
            }
        }
    }

    /// Does what an instruction that leaves the top frame says; none where another frame of the task goes on.
    pub(crate) fn follow(
        &mut self,
        frames: &mut Vec<Frame>,
        stack: &mut Vec<Value>,
        i: Instr,
    ) -> Result<Option<Pause>, Fault> {
        match i.op {
            Op::Call | Op::CallClosure => self.call(frames, stack, i).map(|()| None),
            Op::Return => leave(frames, stack, i),
            _ => Ok(Some(Pause::Task(i))),
        }
    }

    fn run_frame(&mut self, frames: &mut [Frame], stack: &mut [Value]) -> Result<Instr, Fault> {
        let Some(frame) = frames.last_mut() else { return Err(Fault::unsound("there is no frame")) };
        let base = frame.base as usize;
        let registers = stack.get_mut(base..).ok_or(Fault::unsound("a frame without registers"))?;
        self.run(frame, registers)
    }

    /// A new frame for what is called; the top frame's pc is saved.
    fn call(&mut self, frames: &mut Vec<Frame>, stack: &mut Vec<Value>, i: Instr) -> Result<(), Fault> {
        const MISSING: Fault = Fault::unsound("a function is missing");
        let base = frames.last().map_or(0, |f| f.base as usize);
        let first = base + usize::from(i.c);
        let functions = &self.program.module().functions;
        let from = stack.len();
        if i.op == Op::Call {
            let callee = functions.get(usize::from(i.b)).ok_or(MISSING)?;
            stack.extend_from_within(first..first + usize::from(callee.params));
            if self.counts {
                self.host.called(u32::from(i.b), stack.get(from..).unwrap_or_default());
            }
            return self.enter(frames, stack, u32::from(i.b), from, i.a);
        }
        let Some(Value::Closure(number, captured)) = stack.get(base + usize::from(i.b)).cloned() else {
            return Err(Fault::unsound("what is called is no function"));
        };
        let callee = functions.get(number as usize).ok_or(MISSING)?;
        let count = usize::from(callee.params).saturating_sub(captured.items.len());
        let args =
            stack.get(first..first + count).ok_or(Fault::unsound("a call has too few arguments"))?.to_vec();
        stack.extend(captured.items.iter().cloned());
        stack.extend(args);
        self.enter(frames, stack, number, from, i.a)
    }

    /// A frame whose arguments stand at the stack's end, from `from` on.
    fn enter(
        &mut self,
        frames: &mut Vec<Frame>,
        stack: &mut Vec<Value>,
        function: u32,
        from: usize,
        register: u16,
    ) -> Result<(), Fault> {
        if frames.len() >= self.limits.frames {
            return Err(Fault::Depth);
        }
        // Single values are bounded as they are made; what all frames hold together, where it may have grown.
        if self.made > self.limits.memory / 2 {
            self.made = 0;
            if stack.iter().fold(0_u64, |sum, v| sum.saturating_add(v.size())) > self.limits.memory {
                return Err(Fault::Memory);
            }
        }
        let registers = self.program.module().functions.get(function as usize).map_or(0, |f| f.registers);
        stack.resize(from + usize::from(registers), Value::None);
        let base = u32::try_from(from).map_err(|_| Fault::Depth)?;
        frames.push(Frame { function, pc: 0, base, reason: Reason::Call(register), scopes: 0 });
        Ok(())
    }

    #[inline]
    fn arrive(&mut self, function: u32, pc: usize) {
        if self.visits {
            self.visit(function, pc);
        }
    }

    #[cold]
    fn visit(&mut self, function: u32, pc: usize) {
        self.host.visit(function, u32::try_from(pc).unwrap_or(u32::MAX));
    }
}

/// Returns from the top frame: to its caller, unless it is no mere call or has scopes to close.
fn leave(frames: &mut Vec<Frame>, stack: &mut Vec<Value>, i: Instr) -> Result<Option<Pause>, Fault> {
    let Some(frame) = frames.last() else { return Err(Fault::unsound("there is no frame")) };
    if frame.scopes > 0 {
        return Ok(Some(Pause::Task(i)));
    }
    let (reason, base) = (frame.reason, frame.base as usize);
    let register = stack.get_mut(base + usize::from(i.a)).ok_or(Fault::unsound("a register is missing"))?;
    let value = std::mem::replace(register, Value::None);
    frames.pop();
    stack.truncate(base);
    let (Reason::Call(register), Some(caller)) = (reason, frames.last()) else {
        return Ok(Some(Pause::Returned(reason, value)));
    };
    if let Some(place) = stack.get_mut(caller.base as usize + usize::from(register)) {
        *place = value;
    }
    Ok(None)
}
