//! What a function looks at in a record that it is given.

use super::operands::{has_ext, operands};
use crate::code::{Module, Op, Path};
use crate::signature::FunctionId;
use std::collections::BTreeSet;

/// The slots of its first argument, a record, that a function reads; none where it may do something with the whole.
pub(super) fn slots_of_argument(module: &Module, id: FunctionId) -> Option<Vec<u16>> {
    let function = module.function(id)?;
    let (mut slots, mut pc) = (BTreeSet::new(), 0);
    while let Some(instr) = function.code.get(pc) {
        let used = operands(module, function, pc).ok()?;
        match instr.op {
            Op::Slot if instr.b == 0 => drop(slots.insert(instr.c)),
            Op::Field if instr.b == 0 => drop(slots.insert(Path(instr.c).slots().next()?)),
            Op::JumpIfField | Op::JumpUnlessField | Op::JumpIfText | Op::JumpUnlessText if instr.a == 0 => {
                slots.insert(Path(instr.b).slots().next()?);
            }
            // How many registers they read, only the callee knows.
            Op::CallNative | Op::CallClosure if instr.c == 0 => return None,
            _ if used.reads.iter().any(|(first, count)| *first == 0 && *count > 0) => return None,
            _ => {}
        }
        pc += if has_ext(instr.op) { 2 } else { 1 };
    }
    Some(slots.into_iter().collect())
}
