//! A function's code as a graph: blocks that are run from their first instruction to their last, and where they lead.
//!
//! For those who look at code as a whole: what tests covered, what a run may still reach.

use crate::code::{Fork, Function, Module, Op};
use crate::container::operands::{ends, has_ext, operands};
use crate::signature::FunctionId;

/// Instructions that are run one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The first instruction.
    pub start: usize,
    /// Behind the last.
    pub end: usize,
    /// Blocks that may come next, by number. A block behind a call or a request comes next only if that succeeds.
    pub next: Vec<usize>,
    /// Whether the block behind it comes next in any case.
    pub falls: bool,
    /// Functions that it calls, makes closures of, or hands to the world as branches, undos and conditions.
    pub refers: Vec<FunctionId>,
}

/// The blocks of a verified function, in the order of its code.
pub fn blocks(module: &Module, function: &Function) -> Vec<Block> {
    let mut starts = vec![false; function.code.len() + 1];
    let mut mark = |pc: usize| starts.get_mut(pc).into_iter().for_each(|start| *start = true);
    mark(0);
    for (pc, behind) in instructions(function) {
        let Some(instr) = function.code.get(pc) else { continue };
        let targets = operands(module, function, pc).map(|used| used.targets).unwrap_or_default();
        if !targets.is_empty() || ends(instr.op) || may_not_return(instr.op) {
            mark(behind);
        }
        targets.into_iter().for_each(&mut mark);
    }
    let starts: Vec<usize> = (0..function.code.len()).filter(|pc| starts.get(*pc) == Some(&true)).collect();
    let ends_at = starts.iter().copied().skip(1).chain([function.code.len()]);
    let number = |pc: usize| starts.binary_search(&pc).ok();
    let whole = starts.iter().copied().zip(ends_at);
    whole.map(|(start, end)| block(module, function, start, end, &number)).collect()
}

fn block(
    module: &Module,
    function: &Function,
    start: usize,
    end: usize,
    number: &dyn Fn(usize) -> Option<usize>,
) -> Block {
    let mut block = Block { start, end, next: Vec::new(), falls: false, refers: Vec::new() };
    for (pc, behind) in instructions(function).filter(|(pc, _)| (start..end).contains(pc)) {
        let Some(instr) = function.code.get(pc) else { continue };
        let targets = operands(module, function, pc).map(|used| used.targets).unwrap_or_default();
        if behind == end && !ends(instr.op) {
            block.next.extend(number(end));
            block.falls = targets.is_empty() && !may_not_return(instr.op);
        }
        block.next.extend(targets.into_iter().filter_map(number));
        block.refers.extend(refers(module, *instr));
    }
    block
}

/// Each instruction, and where the one behind it begins.
fn instructions(function: &Function) -> impl Iterator<Item = (usize, usize)> + '_ {
    let real = function.code.iter().enumerate().filter(|(_, instr)| instr.op != Op::Ext);
    real.map(|(pc, instr)| (pc, pc + if has_ext(instr.op) { 2 } else { 1 }))
}

/// Whether what comes behind it may never be reached, because it fails, ends the run or leads elsewhere.
const fn may_not_return(op: Op) -> bool {
    matches!(
        op,
        Op::Call
            | Op::CallClosure
            | Op::Effect
            | Op::Backoff
            | Op::Await
            | Op::ListenNext
            | Op::Start
            | Op::Fork
            | Op::Test
    )
}

fn refers(module: &Module, instr: crate::code::Instr) -> Vec<FunctionId> {
    let one = |number: u16| vec![FunctionId(u32::from(number))];
    match instr.op {
        Op::Call | Op::Closure => one(instr.b),
        Op::UndoNext | Op::UndoNow => one(instr.a),
        Op::Await | Op::Listen => {
            let wait = module.waits.get(usize::from(instr.b));
            wait.and_then(|wait| wait.condition).map(|(function, _)| function).into_iter().collect()
        }
        Op::Start => module.flows.get(usize::from(instr.b)).map(|flow| flow.body).into_iter().collect(),
        Op::Fork => match module.forks.get(usize::from(instr.b)) {
            Some(Fork::All(branches)) => branches.iter().map(|(branch, _)| branch.function).collect(),
            Some(Fork::Race(branches)) => branches.iter().map(|branch| branch.function).collect(),
            Some(Fork::Each(branch)) => vec![branch.function],
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Instr;

    #[test]
    fn a_branch_is_two_ways_that_meet() {
        let code = vec![
            Instr::wide(Op::JumpIfNot, 0, 3),
            Instr::new(Op::Call, 1, 1, 0),
            Instr::wide(Op::Jump, 0, 4),
            Instr::new(Op::None, 1, 0, 0),
            Instr::new(Op::Return, 1, 0, 0),
        ];
        let function = Function { params: 1, registers: 2, code, ..Function::default() };
        let module = Module { functions: vec![function.clone(), Function::default()], ..Module::default() };
        let found = blocks(&module, &function);
        let shape: Vec<(usize, usize, &[usize], bool)> =
            found.iter().map(|b| (b.start, b.end, b.next.as_slice(), b.falls)).collect();
        let wanted: [(usize, usize, &[usize], bool); 5] = [
            (0, 1, &[1, 3], false),
            (1, 2, &[2], false),
            (2, 3, &[4], false),
            (3, 4, &[4], true),
            (4, 5, &[], false),
        ];
        assert_eq!(shape, wanted);
        assert_eq!(found[1].refers, [FunctionId(1)]);
    }
}
