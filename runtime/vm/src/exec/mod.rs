//! The interpreter's loop: instructions of one task, until something is to be decided outside.

mod data;

use crate::fault::Fault;
use crate::host::{Host, Limits};
use crate::program::Program;
use crate::task::{Frame, Reason};
use carapace_module::Value;
use carapace_module::code::{Instr, Op};
use carapace_module::value::{compare, fold};

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

/// A first value of a state may ask for the first value of another. So deep, and the host's stack is safe.
const MOST_NESTED: u32 = 16;

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
            match i.op {
                Op::Call | Op::CallClosure => self.call(frames, stack, i)?,
                Op::Return => match leave(frames, stack, i)? {
                    Some(pause) => return Ok(pause),
                    None => continue,
                },
                _ => return Ok(Pause::Task(i)),
            }
        }
    }

    /// Runs the top frame up to an instruction that leaves it: a call, a return, or one that concerns the task. The
    /// frame's pc is behind that instruction; after a fault, behind the one that broke the rule.
    fn run_frame(&mut self, frames: &mut [Frame], stack: &mut [Value]) -> Result<Instr, Fault> {
        let Some(frame) = frames.last_mut() else { return Err(Fault::unsound("there is no frame")) };
        let mut pc = frame.pc as usize;
        let stopped = self.instructions(frame, &mut pc, stack);
        frame.pc = u32::try_from(pc).unwrap_or(u32::MAX);
        stopped
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "the verifier has proven every register and table index; this is the loop that has to be fast"
    )]
    #[inline(always)]
    fn instructions(&mut self, frame: &Frame, at: &mut usize, stack: &mut [Value]) -> Result<Instr, Fault> {
        let module = self.program.module();
        let function = frame.function;
        let code = &module.functions[function as usize].code[..];
        let regs = &mut stack[frame.base as usize..];
        let mut pc = *at;
        self.arrive(function, pc);
        loop {
            *at = pc;
            let Some(fuel) = self.fuel.checked_sub(1) else { return Err(Fault::Fuel) };
            self.fuel = fuel;
            let Some(i) = code.get(pc).copied() else {
                return Err(Fault::unsound("the code runs off its end"));
            };
            let a = usize::from(i.a);
            pc += 1;
            *at = pc;
            match i.op {
                Op::Move => regs[a] = regs[usize::from(i.b)].clone(),
                Op::AddInt
                | Op::SubInt
                | Op::MulInt
                | Op::AddIntConst
                | Op::EqInt
                | Op::LtInt
                | Op::LeInt => {
                    regs[a] = of_ints(i, regs)?;
                }
                Op::Const => regs[a] = module.constants[i.wide_operand() as usize].clone(),
                Op::None => regs[a] = Value::None,
                Op::Bool => regs[a] = Value::Bool(i.b != 0),
                Op::Int => regs[a] = Value::Int(i64::from(i.wide_operand().cast_signed())),
                Op::Tag => regs[a] = Value::Tag(i.wide_operand()),
                Op::Slot => regs[a] = slot(&regs[usize::from(i.b)], usize::from(i.c))?,
                Op::Eq => {
                    let (left, right) = (&regs[usize::from(i.b)], &regs[usize::from(i.c)]);
                    self.burn(likeness(left, right))?;
                    regs[a] = Value::Bool(left == right);
                }
                Op::Not => regs[a] = Value::Bool(!truth(&regs[usize::from(i.b)])?),
                Op::IsNone => regs[a] = Value::Bool(regs[usize::from(i.b)].is_none()),
                Op::IsTag => {
                    regs[a] = Value::Bool(regs[usize::from(i.b)].tag_number() == Some(u32::from(i.c)))
                }
                Op::Jump
                | Op::JumpIf
                | Op::JumpIfNot
                | Op::JumpIfNone
                | Op::JumpIfSome
                | Op::JumpUnlessEqInt
                | Op::JumpUnlessLtInt
                | Op::JumpUnlessLeInt
                | Op::JumpUnlessEq
                | Op::JumpUnlessTag => {
                    if i.op == Op::JumpUnlessEq {
                        self.burn(likeness(&regs[a], &regs[usize::from(i.b)]))?;
                    }
                    if jumps(i, regs)? {
                        pc = target(i, pc);
                    }
                    self.arrive(function, pc);
                }
                Op::ForNext => {
                    let Some(ext) = code.get(pc).copied() else { return Err(NO_OPERANDS) };
                    pc = for_next(i, ext, regs, pc)?;
                    self.arrive(function, pc);
                }
                Op::TagWith | Op::Closure | Op::Matches | Op::Captures => {
                    let Some(ext) = code.get(pc).copied() else { return Err(NO_OPERANDS) };
                    pc += 1;
                    let value = self.extended(i, ext, regs)?;
                    regs[a] = self.made(value)?;
                }
                Op::Setting | Op::StateGet | Op::Now | Op::Random | Op::ThisRun => {
                    regs[a] = self.of_host(i, regs)?;
                }
                Op::StateSet => self.write_state(i, regs)?,
                Op::Call | Op::CallClosure | Op::Return => return Ok(i),
                Op::Ext => return Err(Fault::unsound("operands without an instruction")),
                op if is_plain(op) => {
                    let value = self.plain(i, regs)?;
                    regs[a] = self.made(value)?;
                }
                _ => return Ok(i),
            }
        }
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

    /// A setting's default, a state's first value.
    fn default_of(
        &mut self,
        function: Option<carapace_module::signature::FunctionId>,
    ) -> Result<Value, Fault> {
        let Some(function) = function else { return Err(Fault::unsound("a setting has no value")) };
        if self.nested >= MOST_NESTED {
            return Err(Fault::Depth);
        }
        self.nested += 1;
        let value = crate::pure::evaluate(self, function.0, Vec::new());
        self.nested -= 1;
        value
    }

    /// What the host knows.
    #[expect(clippy::indexing_slicing, reason = "the verifier has proven every register and table index")]
    fn of_host(&mut self, i: Instr, regs: &[Value]) -> Result<Value, Fault> {
        let module = self.program.module();
        Ok(match i.op {
            Op::Now => Value::Time(self.host.now()),
            Op::Random => Value::Int(self.host.random() & i64::MAX),
            Op::ThisRun => Value::record(vec![Value::text(&*self.host.run_id())]),
            Op::Setting => match self.host.setting(u32::from(i.b)) {
                Some(value) => value,
                None => self.default_of(module.settings[usize::from(i.b)].default)?,
            },
            _ => {
                let state = &module.states[usize::from(i.b)];
                let first = usize::from(i.c);
                let keys = &regs[first..first + state.keys.len()];
                self.burn(keys.iter().fold(0_u64, |sum, key| sum.saturating_add(key.size())) / 16)?;
                let value = self.host.state_get(u32::from(i.b), keys);
                self.host_holds()?;
                match value {
                    Some(value) => value,
                    None => self.default_of(Some(state.init))?,
                }
            }
        })
    }

    #[expect(clippy::indexing_slicing, reason = "the verifier has proven every register and table index")]
    fn write_state(&mut self, i: Instr, regs: &[Value]) -> Result<(), Fault> {
        let keys = self.program.module().states[usize::from(i.a)].keys.len();
        let first = usize::from(i.b);
        let (keys, value) = (&regs[first..first + keys], &regs[usize::from(i.c)]);
        self.burn(keys.iter().fold(value.size(), |sum, key| sum.saturating_add(key.size())) / 16)?;
        self.host.state_set(u32::from(i.a), keys, value.clone());
        self.host_holds()
    }

    fn host_holds(&self) -> Result<(), Fault> {
        if self.host.held() > self.limits.memory { Err(Fault::Memory) } else { Ok(()) }
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

const NO_OPERANDS: Fault = Fault::unsound("an instruction without its operands");

/// What it costs to find out whether two values are equal: nothing for scalars, else what the smaller one is.
#[inline]
fn likeness(left: &Value, right: &Value) -> u64 {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => a.0.len().min(b.0.len()) as u64 / 16,
        (
            Value::List(_)
            | Value::Record(_)
            | Value::TagWith(..)
            | Value::Map(_)
            | Value::Json(_)
            | Value::Bytes(_),
            _,
        ) => left.size().min(right.size()) / 16,
        _ => 0,
    }
}

/// Instructions that make a value of their registers and do nothing else.
const fn is_plain(op: Op) -> bool {
    matches!(
        op,
        Op::DivInt
            | Op::RemInt
            | Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Div
            | Op::Rem
            | Op::Neg
            | Op::IntToNumber
            | Op::Lt
            | Op::Le
            | Op::EqFold
            | Op::LtFold
            | Op::LeFold
            | Op::Contains
            | Op::StartsWith
            | Op::EndsWith
            | Op::ContainsFold
            | Op::StartsWithFold
            | Op::EndsWithFold
            | Op::In
            | Op::InFold
            | Op::HasKey
            | Op::IsEmpty
            | Op::Map
            | Op::Range
            | Op::ListIndex
            | Op::MapIndex
            | Op::JsonIndex
            | Op::Pairs
            | Op::Display
            | Op::Concat
            | Op::Record
            | Op::List
            | Op::CallNative
    )
}

/// Of two Ints, or an Int and a small constant.
#[expect(clippy::indexing_slicing, reason = "the verifier has proven every register")]
#[inline]
fn of_ints(i: Instr, regs: &[Value]) -> Result<Value, Fault> {
    let x = int(&regs[usize::from(i.b)])?;
    let y =
        if i.op == Op::AddIntConst { i64::from(i.c.cast_signed()) } else { int(&regs[usize::from(i.c)])? };
    let number = match i.op {
        Op::EqInt => return Ok(Value::Bool(x == y)),
        Op::LtInt => return Ok(Value::Bool(x < y)),
        Op::LeInt => return Ok(Value::Bool(x <= y)),
        Op::SubInt => x.checked_sub(y),
        Op::MulInt => x.checked_mul(y),
        _ => x.checked_add(y),
    };
    number.map(Value::Int).ok_or(Fault::Overflow)
}

/// Whether a jump is taken.
#[expect(clippy::indexing_slicing, reason = "the verifier has proven every register")]
#[inline]
fn jumps(i: Instr, regs: &[Value]) -> Result<bool, Fault> {
    let (a, b) = (usize::from(i.a), usize::from(i.b));
    Ok(match i.op {
        Op::JumpIf => truth(&regs[a])?,
        Op::JumpIfNot => !truth(&regs[a])?,
        Op::JumpIfNone => regs[a].is_none(),
        Op::JumpIfSome => !regs[a].is_none(),
        Op::JumpUnlessEqInt => int(&regs[a])? != int(&regs[b])?,
        Op::JumpUnlessLtInt => int(&regs[a])? >= int(&regs[b])?,
        Op::JumpUnlessLeInt => int(&regs[a])? > int(&regs[b])?,
        Op::JumpUnlessEq => regs[a] != regs[b],
        Op::JumpUnlessTag => regs[a].tag_number() != Some(u32::from(i.b)),
        _ => true,
    })
}

/// Where a jump leads; `pc` is already behind it.
#[inline]
fn target(i: Instr, pc: usize) -> usize {
    match i.op {
        Op::Jump | Op::JumpIf | Op::JumpIfNot | Op::JumpIfNone | Op::JumpIfSome => i.wide_operand() as usize,
        _ => (pc - 1).wrapping_add_signed(isize::from(i.c.cast_signed())),
    }
}

/// The next item, and where it goes on.
#[expect(clippy::indexing_slicing, reason = "the verifier has proven every register")]
fn for_next(i: Instr, ext: Instr, regs: &mut [Value], pc: usize) -> Result<usize, Fault> {
    let a = usize::from(i.a);
    let next = int(&regs[a + 1])?;
    let item = list(&regs[a])?.get(usize::try_from(next).unwrap_or(usize::MAX)).cloned();
    let Some(item) = item else { return Ok(ext.wide_operand() as usize) };
    regs[usize::from(i.b)] = item;
    regs[a + 1] = Value::Int(next + 1);
    Ok(pc + 1)
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

pub(crate) fn int(value: &Value) -> Result<i64, Fault> {
    match value {
        Value::Int(i) => Ok(*i),
        _ => Err(Fault::unsound("an Int was promised")),
    }
}

fn truth(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(b) => Ok(*b),
        _ => Err(Fault::unsound("a Bool was promised")),
    }
}

pub(crate) fn text(value: &Value) -> Result<&str, Fault> {
    match value {
        Value::Text(t) | Value::Regex(t) => Ok(&t.0),
        _ => Err(Fault::unsound("a Text was promised")),
    }
}

pub(crate) fn list(value: &Value) -> Result<&[Value], Fault> {
    match value {
        Value::List(list) => Ok(&list.items),
        _ => Err(Fault::unsound("a List was promised")),
    }
}

fn slot(value: &Value, slot: usize) -> Result<Value, Fault> {
    match value {
        Value::Record(slots) | Value::TagWith(_, slots) => {
            slots.items.get(slot).cloned().ok_or(Fault::unsound("a field is missing"))
        }
        // A branch of a `race` that gave none: the tag has a field, and nothing is in it.
        Value::Tag(_) => Ok(Value::None),
        _ => Err(Fault::unsound("a record was promised")),
    }
}

/// The order of two values, as `<` and `<=` want it.
fn order(left: &Value, right: &Value, folded: bool) -> Result<std::cmp::Ordering, Fault> {
    if folded {
        return Ok(fold(text(left)?).cmp(&fold(text(right)?)));
    }
    match (left, right) {
        (Value::Money(_), Value::Money(_)) => compare(left, right).ok_or(Fault::Currency),
        _ => compare(left, right).ok_or(Fault::unsound("values without an order")),
    }
}
