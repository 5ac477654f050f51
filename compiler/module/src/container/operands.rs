//! What each instruction reads, writes, refers to and where it may go on: the one table that the verifier and the
//! printer share.

use crate::code::{Branch, Fork, From, Function, Instr, Module, Op, TextTest, Wait};
use crate::signature::FunctionId;

/// What one instruction (with the `Ext` behind it) does to its frame.
#[derive(Debug, Default)]
pub struct Operands {
    /// First register and number of registers read.
    pub reads: Vec<(u16, usize)>,
    /// Registers written before the next instruction.
    pub writes: Vec<u16>,
    /// Where it may go on, other than behind itself.
    pub targets: Vec<usize>,
    /// Registers that are written only on the way to the target.
    pub at_target: Vec<u16>,
}

/// Whether the instruction is followed by an `Ext` that belongs to it.
pub const fn has_ext(op: Op) -> bool {
    matches!(
        op,
        Op::Matches
            | Op::Captures
            | Op::ForNext
            | Op::JumpIfText
            | Op::JumpUnlessText
            | Op::TagWith
            | Op::Closure
    )
}

/// Whether the next instruction is never reached from it.
pub const fn ends(op: Op) -> bool {
    matches!(op, Op::Jump | Op::Return | Op::ReturnFlow | Op::Raise | Op::Fail | Op::Cancel)
}

/// Whether only a run may do it.
pub(super) const fn needs_run(op: Op) -> bool {
    matches!(
        op,
        Op::StateSet
            | Op::Effect
            | Op::Backoff
            | Op::Deadline
            | Op::UndoNext
            | Op::UndoNow
            | Op::Await
            | Op::Listen
            | Op::ListenNext
            | Op::ReturnFlow
            | Op::EnterFlow
            | Op::Start
            | Op::Fork
            | Op::Test
    )
}

/// How many operand registers a wait takes; none where its condition does not fit.
pub(super) fn wait_operands(module: &Module, wait: &Wait) -> Option<usize> {
    let captures = match wait.condition {
        Some((id, captures)) => {
            params(module, id).filter(|p| *p == usize::from(captures) + 1)?;
            usize::from(captures)
        }
        None => 0,
    };
    Some(usize::from(wait.from == From::Operand) + usize::from(wait.conversation) + captures)
}

/// How many operand registers a fork takes; none where a branch does not fit.
pub(super) fn fork_operands(module: &Module, fork: &Fork) -> Option<usize> {
    let sum = |branches: &mut dyn Iterator<Item = &Branch>| {
        let mut all = 0;
        for branch in branches {
            params(module, branch.function).filter(|p| *p == usize::from(branch.captures))?;
            all += usize::from(branch.captures);
        }
        Some(all)
    };
    match fork {
        Fork::All(branches) => sum(&mut branches.iter().map(|(b, _)| b)),
        Fork::Race(branches) if branches.is_empty() => None,
        Fork::Race(branches) => sum(&mut branches.iter()),
        Fork::Each(branch) => {
            params(module, branch.function).filter(|p| *p == usize::from(branch.captures) + 1)?;
            Some(usize::from(branch.captures) + 2)
        }
    }
}

fn params(module: &Module, id: FunctionId) -> Option<usize> {
    module.functions.get(id.0 as usize).map(|f| usize::from(f.params))
}

/// The operands of the instruction at `pc`. What a native or a closure reads, only whoever calls it knows: it is not in here.
///
/// # Errors
/// Where an index is outside of its table.
pub fn operands(module: &Module, function: &Function, pc: usize) -> Result<Operands, &'static str> {
    const OUTSIDE: &str = "an index is outside of its table";
    let i = *function.code.get(pc).ok_or(OUTSIDE)?;
    let ext = if has_ext(i.op) {
        match function.code.get(pc + 1) {
            Some(ext) if ext.op == Op::Ext => *ext,
            _ => return Err("the further operands of an instruction are missing"),
        }
    } else {
        Instr::new(Op::Ext, 0, 0, 0)
    };
    Reading { module, function, pc, i, ext }.operands().ok_or(OUTSIDE)
}

struct Reading<'a> {
    module: &'a Module,
    function: &'a Function,
    pc: usize,
    i: Instr,
    ext: Instr,
}

impl Reading<'_> {
    fn operands(&self) -> Option<Operands> {
        let Instr { op, a, b, c } = self.i;
        let (m, wide) = (self.module, self.i.wide_operand());
        let inside = |index: u32, len: usize| ((index as usize) < len).then_some(());
        Some(match op {
            Op::Ext => Operands::default(),
            Op::Const => {
                inside(wide, m.constants.len())?;
                writes(a, &[])
            }
            Op::Setting => {
                inside(b.into(), m.settings.len())?;
                writes(a, &[])
            }
            Op::None | Op::Bool | Op::Int | Op::Now | Op::Random | Op::ThisRun | Op::Tag => writes(a, &[]),
            Op::Move
            | Op::AddIntConst
            | Op::Neg
            | Op::Not
            | Op::IntToNumber
            | Op::IsEmpty
            | Op::IsNone
            | Op::IsTag => writes(a, &[(b, 1)]),
            Op::Slot | Op::Field | Op::Pairs | Op::IsTransient | Op::ListenNext => writes(a, &[(b, 1)]),
            Op::Display | Op::ToJson => {
                inside(c.into(), m.type_refs.len())?;
                writes(a, &[(b, 1)])
            }
            Op::FromJson => {
                inside(c.into(), m.type_refs.len())?;
                Operands { writes: vec![a, a.checked_add(1)?], ..reads(&[(b, 1)]) }
            }
            Op::Captures => {
                inside(self.ext.wide_operand(), m.constants.len())?;
                writes(a, &[(b, 1), (c, 1)])
            }
            Op::Record | Op::List | Op::Concat | Op::TagWith => writes(a, &[(b, c.into())]),
            Op::Map => writes(a, &[(b, usize::from(c) * 2)]),
            Op::Jump => jump(wide as usize, &[]),
            Op::JumpIf | Op::JumpIfNot | Op::JumpIfNone | Op::JumpIfSome => jump(wide as usize, &[(a, 1)]),
            Op::JumpUnlessTag => jump(self.relative()?, &[(a, 1)]),
            Op::JumpUnlessEqInt | Op::JumpUnlessLtInt | Op::JumpUnlessLeInt | Op::JumpUnlessEq => {
                jump(self.relative()?, &[(a, 1), (b, 1)])
            }
            Op::ForNext => Operands {
                writes: vec![a.checked_add(1)?, b],
                ..jump(self.ext.wide_operand() as usize, &[(a, 2)])
            },
            Op::NextItem => Operands {
                writes: vec![a.checked_add(1)?],
                at_target: vec![b],
                ..jump(self.relative()?, &[(a, 2)])
            },
            Op::NextInRange => Operands {
                writes: vec![a, a.checked_add(1)?],
                at_target: vec![b],
                ..jump(self.relative()?, &[(a, 2)])
            },
            Op::JumpIfField | Op::JumpUnlessField => jump(self.relative()?, &[(a, 1)]),
            Op::JumpIfText | Op::JumpUnlessText => {
                inside(self.ext.wide_operand(), m.constants.len())?;
                TextTest::of_operand(self.ext.a)?;
                jump(self.relative()?, &[(a, 1)])
            }
            Op::Call => writes(a, &[(c, params(m, FunctionId(b.into()))?)]),
            Op::CallNative => {
                inside(b.into(), m.natives.len())?;
                writes(a, &[])
            }
            // How many arguments the closure takes, only the call knows; the machine checks the frame's bound.
            Op::CallClosure => writes(a, &[(b, 1)]),
            Op::Closure => {
                inside(b.into(), m.functions.len())?;
                writes(a, &[(c, self.ext.a.into())])
            }
            Op::Return | Op::Raise | Op::Fail | Op::Cancel | Op::ReturnFlow => reads(&[(a, 1)]),
            Op::StateGet => writes(a, &[(c, m.states.get(usize::from(b))?.keys.len())]),
            Op::StateSet => reads(&[(b, m.states.get(usize::from(a))?.keys.len()), (c, 1)]),
            Op::EnterScope | Op::EnterAttempt => Operands { at_target: vec![a], ..jump(wide as usize, &[]) },
            Op::EnterFlow => Operands { at_target: vec![a, a.checked_add(1)?], ..jump(wide as usize, &[]) },
            Op::EnterUnknown => jump(wide as usize, &[]),
            Op::LeaveScope => Operands::default(),
            Op::Deadline => reads(&[(b, 1)]),
            _ => return self.asking(),
        })
    }

    /// Instructions that ask the world, and the plain ones of three registers.
    fn asking(&self) -> Option<Operands> {
        let Instr { op, a, b, c } = self.i;
        let m = self.module;
        Some(match op {
            Op::Effect => {
                let call = m.effect_calls.get(usize::from(b))?;
                writes(a, &[(c, m.effects.get(call.effect as usize)?.params.len())])
            }
            Op::Backoff if c == u16::MAX => reads(&[(a, 1), (b, 1)]),
            Op::Backoff => reads(&[(a, 1), (b, 1), (c, 2)]),
            Op::UndoNext => {
                params(m, FunctionId(a.into())).filter(|p| *p == usize::from(c) + 1)?;
                reads(&[(b, c.into())])
            }
            Op::UndoNow => {
                params(m, FunctionId(a.into())).filter(|p| *p == usize::from(c))?;
                reads(&[(b, c.into())])
            }
            Op::Await | Op::Listen => writes(a, &[(c, wait_operands(m, m.waits.get(usize::from(b))?)?)]),
            Op::Start => {
                writes(a, &[(c, m.flows.get(usize::from(b)).filter(|f| f.triggers.is_empty())?.params.len())])
            }
            Op::Fork => writes(a, &[(c, fork_operands(m, m.forks.get(usize::from(b))?)?)]),
            Op::Test => {
                m.test_ops.get(usize::from(a))?;
                reads(&[(b, c.into())])
            }
            _ => writes(a, &[(b, 1), (c, 1)]),
        })
    }

    /// The target of a jump by `c`.
    fn relative(&self) -> Option<usize> {
        let target = i64::try_from(self.pc).ok()? + i64::from(self.i.c.cast_signed());
        usize::try_from(target).ok().filter(|t| *t < self.function.code.len())
    }
}

fn reads(reads: &[(u16, usize)]) -> Operands {
    Operands { reads: reads.to_vec(), ..Operands::default() }
}

fn writes(register: u16, read: &[(u16, usize)]) -> Operands {
    Operands { writes: vec![register], ..reads(read) }
}

fn jump(target: usize, read: &[(u16, usize)]) -> Operands {
    Operands { targets: vec![target], ..reads(read) }
}
