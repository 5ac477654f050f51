//! The loop over the instructions of one frame: what has to be fast.
//!
//! Where it stands and what fuel is left are variables of the loop, which the processor keeps in registers; they are
//! written back when it is left, and around everything that burns fuel by itself.

use super::operands::{
    field, field_holds, get, int_in, put, put_bool, put_copy, put_int, shared, slot, truth_in,
};
use super::{Machine, jump};
use crate::fault::Fault;
use crate::task::Frame;
use carapace_module::Value;
use carapace_module::code::{Instr, Op};

const NO_OPERANDS: Fault = Fault::unsound("an instruction without its operands");
const NO_CONSTANT: Fault = Fault::unsound("a constant is missing");

/// Where the loop is.
struct At {
    function: u32,
    pc: usize,
    fuel: u64,
}

impl At {
    #[inline(always)]
    fn burn(&mut self, fuel: u64) -> Result<(), Fault> {
        self.fuel = self.fuel.checked_sub(fuel).ok_or(Fault::Fuel)?;
        Ok(())
    }
}

/// Something that burns fuel by itself.
macro_rules! aside {
    ($machine:ident, $at:ident, $work:expr) => {{
        $machine.fuel = $at.fuel;
        let done = $work;
        $at.fuel = $machine.fuel;
        done?
    }};
}

impl Machine<'_> {
    /// Runs a frame up to an instruction that leaves it: a call, a return, or one that concerns the task. The frame's pc
    /// is behind that instruction; after a fault, behind the one that broke the rule.
    pub(crate) fn run(&mut self, frame: &mut Frame, registers: &mut [Value]) -> Result<Instr, Fault> {
        let mut at = At { function: frame.function, pc: frame.pc as usize, fuel: self.fuel };
        let stopped = self.instructions(&mut at, registers);
        self.fuel = at.fuel;
        frame.pc = u32::try_from(at.pc).unwrap_or(u32::MAX);
        stopped
    }

    #[inline(always)]
    fn instructions(&mut self, at: &mut At, regs: &mut [Value]) -> Result<Instr, Fault> {
        let module = self.program.module();
        let Some(code) = module.functions.get(at.function as usize) else {
            return Err(Fault::unsound("a function is missing"));
        };
        let code = &code.code[..];
        self.arrive(at.function, at.pc);
        loop {
            at.burn(1)?;
            let Some(i) = code.get(at.pc).copied() else {
                return Err(Fault::unsound("the code runs off its end"));
            };
            at.pc += 1;
            match i.op {
                Op::Move => put_copy!(regs, i.a, get(regs, i.b)?)?,
                Op::AddInt => put_int(regs, i.a, int_in(regs, i.b)?.checked_add(int_in(regs, i.c)?))?,
                Op::SubInt => put_int(regs, i.a, int_in(regs, i.b)?.checked_sub(int_in(regs, i.c)?))?,
                Op::MulInt => put_int(regs, i.a, int_in(regs, i.b)?.checked_mul(int_in(regs, i.c)?))?,
                Op::AddIntConst => {
                    put_int(regs, i.a, int_in(regs, i.b)?.checked_add(i64::from(i.c.cast_signed())))?;
                }
                Op::DivInt | Op::RemInt => {
                    let (x, y) = (int_in(regs, i.b)?, int_in(regs, i.c)?);
                    if y == 0 {
                        return Err(Fault::DivisionByZero);
                    }
                    let result = if i.op == Op::DivInt { x.checked_div(y) } else { x.checked_rem(y) };
                    let result = result.ok_or(Fault::Overflow)?;
                    at.burn(1)?;
                    put_int(regs, i.a, Some(result))?;
                }
                Op::EqInt => put_bool(regs, i.a, int_in(regs, i.b)? == int_in(regs, i.c)?)?,
                Op::LtInt => put_bool(regs, i.a, int_in(regs, i.b)? < int_in(regs, i.c)?)?,
                Op::LeInt => put_bool(regs, i.a, int_in(regs, i.b)? <= int_in(regs, i.c)?)?,
                Op::Const => {
                    let constant = module.constants.get(i.wide_operand() as usize).ok_or(NO_CONSTANT)?;
                    put_copy!(regs, i.a, constant)?;
                }
                Op::None => put(regs, i.a, Value::None)?,
                Op::Bool => put_bool(regs, i.a, i.b != 0)?,
                Op::Int => put_int(regs, i.a, Some(i64::from(i.wide_operand().cast_signed())))?,
                Op::Tag => put(regs, i.a, Value::Tag(i.wide_operand()))?,
                Op::Slot => put_copy!(regs, i.a, slot(get(regs, i.b)?, i.c)?)?,
                Op::Eq => {
                    let (left, right) = (get(regs, i.b)?, get(regs, i.c)?);
                    at.burn(jump::likeness(left, right))?;
                    let equal = left == right;
                    put_bool(regs, i.a, equal)?;
                }
                Op::Not => put_bool(regs, i.a, !truth_in(regs, i.b)?)?,
                Op::IsNone => put_bool(regs, i.a, get(regs, i.b)?.is_none())?,
                Op::IsTag => {
                    let is = get(regs, i.b)?.tag_number() == Some(u32::from(i.c));
                    put_bool(regs, i.a, is)?;
                }
                Op::Jump => self.wide(at, i, true),
                Op::JumpIf => self.wide(at, i, truth_in(regs, i.a)?),
                Op::JumpIfNot => self.wide(at, i, !truth_in(regs, i.a)?),
                Op::JumpIfNone => self.wide(at, i, get(regs, i.a)?.is_none()),
                Op::JumpIfSome => self.wide(at, i, !get(regs, i.a)?.is_none()),
                Op::JumpUnlessEqInt => self.near(at, i, int_in(regs, i.a)? != int_in(regs, i.b)?),
                Op::JumpUnlessLtInt => self.near(at, i, int_in(regs, i.a)? >= int_in(regs, i.b)?),
                Op::JumpUnlessLeInt => self.near(at, i, int_in(regs, i.a)? > int_in(regs, i.b)?),
                Op::JumpUnlessTag => {
                    self.near(at, i, get(regs, i.a)?.tag_number() != Some(u32::from(i.b)));
                }
                Op::JumpUnlessEq => {
                    let (left, right) = (get(regs, i.a)?, get(regs, i.b)?);
                    at.burn(jump::likeness(left, right))?;
                    self.near(at, i, left != right);
                }
                Op::JumpIfField => self.near(at, i, field_holds(regs, i.a, i.b)?),
                Op::JumpUnlessField => self.near(at, i, !field_holds(regs, i.a, i.b)?),
                Op::JumpIfText | Op::JumpUnlessText => {
                    let ext = code.get(at.pc).copied().ok_or(NO_OPERANDS)?;
                    let (passes, cost) = jump::text_passes(i, ext, regs, &module.constants)?;
                    at.burn(cost)?;
                    self.near_over(at, i, passes == (i.op == Op::JumpIfText));
                }
                Op::NextItem => self.near(at, i, jump::next_item(i, regs)?),
                Op::NextInRange => self.near(at, i, jump::next_in_range(i, regs)?),
                Op::ForNext => {
                    let ext = code.get(at.pc).copied().ok_or(NO_OPERANDS)?;
                    let item = jump::next_item(i, regs)?;
                    at.pc += 1;
                    self.wide(at, ext, !item);
                }
                Op::Field => put_copy!(regs, i.a, field(get(regs, i.b)?, i.c)?)?,
                Op::Append => aside!(self, at, self.append(i, regs)),
                Op::Call | Op::CallClosure | Op::Return => return Ok(i),
                _ => {
                    let ext = code.get(at.pc).copied();
                    let Some(width) = aside!(self, at, self.rare(i, ext, regs)) else { return Ok(i) };
                    at.pc += width;
                }
            }
        }
    }

    /// A jump to the wide operand, where it is taken.
    #[inline(always)]
    fn wide(&mut self, at: &mut At, i: Instr, taken: bool) {
        if taken {
            at.pc = i.wide_operand() as usize;
        }
        self.arrive(at.function, at.pc);
    }

    /// A jump by `c`, counted from the instruction itself, where it is taken.
    #[inline(always)]
    fn near(&mut self, at: &mut At, i: Instr, taken: bool) {
        if taken {
            at.pc = at.pc.wrapping_sub(1).wrapping_add_signed(isize::from(i.c.cast_signed()));
        }
        self.arrive(at.function, at.pc);
    }

    /// The same of an instruction with further operands behind it.
    #[inline(always)]
    fn near_over(&mut self, at: &mut At, i: Instr, taken: bool) {
        let by = if taken { isize::from(i.c.cast_signed()) - 1 } else { 1 };
        at.pc = at.pc.wrapping_add_signed(by);
        self.arrive(at.function, at.pc);
    }
}
