//! Instructions that are not worth a place in the loop: they make values, or ask the host.

use super::Machine;
use super::operands::put;
use crate::fault::Fault;
use carapace_module::Value;
use carapace_module::code::{Instr, Op};

impl Machine<'_> {
    /// Does it, where it is one of those: how many instructions with operands of it are passed over. None where it leaves
    /// the frame.
    #[inline(never)]
    pub(super) fn rare(
        &mut self,
        i: Instr,
        ext: Option<Instr>,
        regs: &mut [Value],
    ) -> Result<Option<usize>, Fault> {
        match i.op {
            Op::TagWith | Op::Closure | Op::Matches | Op::Captures => {
                let ext = ext.ok_or(Fault::unsound("an instruction without its operands"))?;
                let value = self.extended(i, ext, regs)?;
                let value = self.made(value)?;
                put(regs, i.a, value)?;
                return Ok(Some(1));
            }
            Op::Setting | Op::StateGet | Op::Now | Op::Random | Op::ThisRun => {
                let value = self.of_host(i, regs)?;
                put(regs, i.a, value)?;
            }
            Op::StateSet => self.write_state(i, regs)?,
            Op::FromJson => self.read_json(i, regs)?,
            Op::Ext => return Err(Fault::unsound("operands without an instruction")),
            Op::Add if self.add_lists(i, regs)? => {}
            op if is_plain(op) => {
                let value = self.plain(i, regs)?;
                let value = self.made(value)?;
                put(regs, i.a, value)?;
            }
            _ => return Ok(None),
        }
        Ok(Some(0))
    }
}

/// Instructions that make a value of their registers and do nothing else.
const fn is_plain(op: Op) -> bool {
    matches!(
        op,
        Op::Add
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
            | Op::ToJson
            | Op::Concat
            | Op::Record
            | Op::List
            | Op::CallNative
    )
}
