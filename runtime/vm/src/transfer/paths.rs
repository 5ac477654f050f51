//! What is known of a function's code at one instruction, whichever way led there: which registers are written, which
//! scopes are open, and which registers somebody will still read.

use super::MoveError;
use crate::program::Program;
use crate::task::ScopeKind;
use carapace_module::Module;
use carapace_module::code::{Function, Op};
use carapace_module::container::operands::{Operands, ends, has_ext, operands};
use std::collections::BTreeSet;

/// Registers, by number.
pub(super) type Registers = BTreeSet<u16>;

/// A scope that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) kind: ScopeKind,
    pub(super) handler: u32,
    pub(super) register: u16,
}

/// What is known before an instruction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    /// Registers that are written on every way.
    pub(super) written: Registers,
    /// Scopes, outermost first; the same on every way.
    pub(super) scopes: Vec<Opened>,
}

/// A function's code with what each instruction does.
pub(super) struct Paths<'m> {
    function: &'m Function,
    used: Vec<Operands>,
}

impl<'m> Paths<'m> {
    pub(super) fn new(module: &'m Module, function: &'m Function) -> Result<Paths<'m>, MoveError> {
        let used = (0..function.code.len()).map(|pc| operands(module, function, pc));
        let used = used.collect::<Result<_, _>>().map_err(|_| MoveError::Tangled)?;
        Ok(Paths { function, used })
    }

    /// Where the code goes on behind `pc` without a jump.
    fn behind(&self, pc: usize) -> Option<usize> {
        let op = self.function.code.get(pc)?.op;
        (!ends(op)).then(|| pc + if has_ext(op) { 2 } else { 1 })
    }

    /// What is known before the instruction `at`.
    pub(super) fn known(&self, at: usize) -> Result<Known, MoveError> {
        let mut known: Vec<Option<Known>> = vec![None; self.function.code.len()];
        let start = Known { written: (0..self.function.params).collect(), scopes: Vec::new() };
        let mut work = Vec::new();
        meet(&mut known, 0, start, &mut work)?;
        while let Some(pc) = work.pop() {
            let Some(mut here) = known.get(pc).cloned().flatten() else { continue };
            let (Some(instr), Some(used)) = (self.function.code.get(pc), self.used.get(pc)) else { continue };
            here.written.extend(&used.writes);
            for target in &used.targets {
                let mut there = here.clone();
                there.written.extend(&used.at_target);
                meet(&mut known, *target, there, &mut work)?;
            }
            match instr.op {
                Op::LeaveScope => drop(here.scopes.pop()),
                op => here.scopes.extend(scope_of(op).map(|kind| Opened {
                    kind,
                    handler: instr.wide_operand(),
                    register: instr.a,
                })),
            }
            if let Some(next) = self.behind(pc) {
                meet(&mut known, next, here, &mut work)?;
            }
        }
        known.get(at).cloned().flatten().ok_or(MoveError::Tangled)
    }

    /// The registers that are read at `at` or later before they are written, also by the handlers of the scopes that are
    /// open there.
    pub(super) fn live(&self, program: &Program, at: usize, open: &[Opened]) -> Result<Registers, MoveError> {
        let live = self.all_live(program)?;
        let before = |pc: usize| live.get(pc).cloned().unwrap_or_default();
        let mut all = before(at);
        for scope in open.iter().filter(|scope| !matches!(scope.kind, ScopeKind::Listen(_))) {
            // What the handler is given: the error, and of a flow's whether it is a cancellation.
            let given = match scope.kind {
                ScopeKind::Else | ScopeKind::Attempt => 1,
                ScopeKind::Flow => 2,
                ScopeKind::Unknown | ScopeKind::Listen(_) => 0,
            };
            let given: Registers = span(scope.register, given).collect();
            all.extend(before(scope.handler as usize).difference(&given));
        }
        Ok(all)
    }

    /// What is live before each instruction.
    fn all_live(&self, program: &Program) -> Result<Vec<Registers>, MoveError> {
        let mut live: Vec<Registers> = vec![Registers::new(); self.function.code.len()];
        let mut changed = true;
        while changed {
            changed = false;
            for pc in (0..self.function.code.len()).rev() {
                let Some(used) = self.used.get(pc) else { continue };
                let mut here = self.behind(pc).and_then(|next| live.get(next)).cloned().unwrap_or_default();
                for target in &used.targets {
                    let there = live.get(*target).into_iter().flatten();
                    here.extend(there.filter(|register| !used.at_target.contains(register)));
                }
                here.retain(|register| !used.writes.contains(register));
                here.extend(used.reads.iter().flat_map(|(first, count)| span(*first, *count)));
                here.extend(self.arguments(program, pc)?);
                if live.get(pc).is_some_and(|known| *known != here) {
                    changed = true;
                    if let Some(known) = live.get_mut(pc) {
                        *known = here;
                    }
                }
            }
        }
        Ok(live)
    }

    /// Registers that only whoever is called knows to be read.
    fn arguments(&self, program: &Program, pc: usize) -> Result<Registers, MoveError> {
        let Some(instr) = self.function.code.get(pc) else { return Ok(Registers::new()) };
        match instr.op {
            Op::CallNative => {
                let native = program.native(instr.b).ok_or(MoveError::Tangled)?;
                Ok(span(instr.c, native.params.into()).collect())
            }
            Op::CallClosure => Err(MoveError::Tangled),
            _ => Ok(Registers::new()),
        }
    }
}

fn span(first: u16, count: usize) -> impl Iterator<Item = u16> {
    (first..).take(count)
}

const fn scope_of(op: Op) -> Option<ScopeKind> {
    Some(match op {
        Op::EnterScope => ScopeKind::Else,
        Op::EnterAttempt => ScopeKind::Attempt,
        Op::EnterUnknown => ScopeKind::Unknown,
        Op::EnterFlow => ScopeKind::Flow,
        // Its number is the run's business.
        Op::Listen => ScopeKind::Listen(0),
        _ => return None,
    })
}

/// Takes over what another way knows; a place that learns something new is looked at (again).
fn meet(
    known: &mut [Option<Known>],
    pc: usize,
    there: Known,
    work: &mut Vec<usize>,
) -> Result<(), MoveError> {
    match known.get_mut(pc) {
        Some(Some(old)) => {
            if old.scopes != there.scopes {
                return Err(MoveError::Tangled);
            }
            let before = old.written.len();
            old.written.retain(|register| there.written.contains(register));
            if old.written.len() != before {
                work.push(pc);
            }
            Ok(())
        }
        Some(slot) => {
            *slot = Some(there);
            work.push(pc);
            Ok(())
        }
        None => Err(MoveError::Tangled),
    }
}
