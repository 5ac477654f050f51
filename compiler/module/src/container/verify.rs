//! Whether a module can be run. The machine checks types as it goes; what is proven here is that every index is in its
//! table, every target in its function, no register is read before it is written, and pure code stays pure.

use super::operands::{Operands, ends, fork_operands, has_ext, needs_run, operands, wait_operands};
use crate::code::{Function, Module, Op};
use crate::signature::FunctionId;

/// More registers than any function needs; bounds the verifier's work.
const MAX_REGISTERS: u16 = 16_384;
/// More instructions than any function needs.
const MAX_CODE: usize = 1 << 20;

/// Why code cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A function's code.
    #[error("function {function} (`{name}`), instruction {pc}: {what}")]
    Code {
        /// Its number.
        function: usize,
        /// Its name.
        name: String,
        /// Where.
        pc: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A table.
    #[error("{0}")]
    Table(&'static str),
}

pub(super) fn verify(module: &Module) -> Result<(), VerifyError> {
    let pure = purity(module);
    tables(module, &pure)?;
    for (number, function) in module.functions.iter().enumerate() {
        let mut check = Check { module, function, pure: &pure, pc: 0 };
        check.run().map_err(|what| VerifyError::Code {
            function: number,
            name: function.name.to_string(),
            pc: check.pc,
            what,
        })?;
    }
    Ok(())
}

/// Which functions ask nothing of the world, nor call one that does.
fn purity(module: &Module) -> Vec<bool> {
    let asks = |f: &Function| f.code.iter().any(|i| needs_run(i.op));
    let mut pure: Vec<bool> = module.functions.iter().map(|f| !asks(f)).collect();
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); module.functions.len()];
    for (caller, f) in module.functions.iter().enumerate() {
        for i in f.code.iter().filter(|i| i.op == Op::Call) {
            if let Some(list) = callers.get_mut(usize::from(i.b)) {
                list.push(caller);
            }
        }
    }
    let mut work: Vec<usize> = (0..pure.len()).filter(|n| !pure.get(*n).copied().unwrap_or(true)).collect();
    while let Some(callee) = work.pop() {
        for caller in callers.get(callee).into_iter().flatten() {
            if let Some(flag) = pure.get_mut(*caller).filter(|flag| **flag) {
                *flag = false;
                work.push(*caller);
            }
        }
    }
    pure
}

fn tables(module: &Module, pure: &[bool]) -> Result<(), VerifyError> {
    let has = |id: FunctionId, params: usize, must_be_pure: bool| {
        let index = id.0 as usize;
        module.functions.get(index).is_some_and(|f| usize::from(f.params) == params)
            && (!must_be_pure || pure.get(index).copied().unwrap_or(false))
    };
    for flow in &module.flows {
        let params = if flow.triggers.is_empty() { flow.params.len() } else { 1 };
        let limits = flow
            .limits
            .iter()
            .all(|l| has(l.key, params, true) && l.otherwise.is_none_or(|f| has(f, params, false)));
        let keys = [flow.guard, flow.debounce.map(|d| d.1), flow.dedupe.map(|d| d.0)];
        let lane = flow.serial.as_ref().map(|s| s.1);
        let fits = has(flow.body, params, false)
            && limits
            && keys.into_iter().chain([lane]).flatten().all(|f| has(f, params, true))
            && flow.on_failure.is_none_or(|f| has(f, params + 1, false))
            && flow.on_cancel.is_none_or(|f| has(f, params, false));
        if !fits {
            return Err(VerifyError::Table("a flow refers to a function that does not fit"));
        }
    }
    let mut inits =
        module.states.iter().map(|s| s.init).chain(module.settings.iter().filter_map(|s| s.default));
    if !inits.all(|f| has(f, 0, true)) {
        return Err(VerifyError::Table("a state or setting refers to a function that does not fit"));
    }
    if !module.states.iter().flat_map(|s| &s.migrations).all(|m| has(m.function, 1, true)) {
        return Err(VerifyError::Table("a migration refers to a function that does not fit"));
    }
    if !module.tests.iter().all(|t| has(t.body, 0, false)) {
        return Err(VerifyError::Table("a test refers to a function that does not fit"));
    }
    if module.effect_calls.iter().any(|c| module.effects.len() <= c.effect as usize) {
        return Err(VerifyError::Table("a call refers to an effect that is not there"));
    }
    let condition = |w: &crate::code::Wait| w.condition.is_none_or(|(f, n)| has(f, usize::from(n) + 1, true));
    if module.waits.iter().any(|w| wait_operands(module, w).is_none() || !condition(w)) {
        return Err(VerifyError::Table("a wait refers to a function that does not fit"));
    }
    if module.forks.iter().any(|f| fork_operands(module, f).is_none()) {
        return Err(VerifyError::Table("a fork refers to a function that does not fit"));
    }
    Ok(())
}

struct Check<'a> {
    module: &'a Module,
    function: &'a Function,
    pure: &'a [bool],
    pc: usize,
}

impl Check<'_> {
    fn run(&mut self) -> Result<(), &'static str> {
        let f = self.function;
        if f.registers > MAX_REGISTERS || f.params > f.registers {
            return Err("the numbers of registers do not agree");
        }
        if f.code.is_empty() || f.code.len() > MAX_CODE {
            return Err("the code is empty or too long");
        }
        let mut table = Vec::with_capacity(f.code.len());
        for (pc, instr) in f.code.iter().enumerate() {
            self.pc = pc;
            if instr.op == Op::Ext
                && !pc.checked_sub(1).and_then(|p| f.code.get(p)).is_some_and(|i| has_ext(i.op))
            {
                return Err("further operands without an instruction");
            }
            let used = operands(self.module, f, pc)?;
            self.bounds(&used)?;
            if instr.op == Op::Closure && !self.pure.get(usize::from(instr.b)).copied().unwrap_or(false) {
                return Err("a closure asks something of the world");
            }
            table.push(used);
        }
        self.initialised(&table)
    }

    fn bounds(&self, used: &Operands) -> Result<(), &'static str> {
        let bound = usize::from(self.function.registers);
        let inside = used.reads.iter().all(|(first, n)| usize::from(*first) + n <= bound)
            && used.writes.iter().chain(&used.at_target).all(|r| usize::from(*r) < bound);
        if !inside {
            return Err("a register is outside of the frame");
        }
        let lands = |t: &usize| self.function.code.get(*t).is_some_and(|i| i.op != Op::Ext);
        if used.targets.iter().all(lands) { Ok(()) } else { Err("a target is outside of the code") }
    }

    /// Forward flow of "surely written" between the places where paths meet.
    fn initialised(&mut self, table: &[Operands]) -> Result<(), &'static str> {
        let f = self.function;
        let mut start = vec![0u64; usize::from(f.registers).div_ceil(64)];
        (0..usize::from(f.params)).for_each(|r| set(&mut start, r));
        let mut known: Vec<Option<Vec<u64>>> = vec![None; f.code.len()];
        let mut meets = vec![false; f.code.len()];
        for target in table.iter().flat_map(|used| &used.targets) {
            if let Some(flag) = meets.get_mut(*target) {
                *flag = true;
            }
        }
        let mut work = Vec::new();
        meet(&mut known, 0, &start, &mut work);
        // A place is looked at again only when it knows less than before; sane code settles in a few rounds.
        let mut budget = f.code.len().saturating_mul(64).saturating_add(1_000);
        while let Some(from) = work.pop() {
            let Some(mut live) = known.get(from).cloned().flatten() else { continue };
            let mut pc = from;
            loop {
                budget = budget.checked_sub(1).ok_or("the code is too tangled to verify")?;
                self.pc = pc;
                let (Some(instr), Some(used)) = (f.code.get(pc), table.get(pc)) else {
                    return Err("the code runs off its end");
                };
                apply(used, &mut live)?;
                for target in &used.targets {
                    let mut there = live.clone();
                    for r in used.at_target.iter().copied() {
                        set(&mut there, usize::from(r));
                    }
                    meet(&mut known, *target, &there, &mut work);
                }
                if ends(instr.op) {
                    break;
                }
                pc += if has_ext(instr.op) { 2 } else { 1 };
                if meets.get(pc).copied().unwrap_or(false) {
                    meet(&mut known, pc, &live, &mut work);
                    break;
                }
            }
        }
        Ok(())
    }
}

fn apply(used: &Operands, live: &mut [u64]) -> Result<(), &'static str> {
    for (first, n) in &used.reads {
        for r in usize::from(*first)..usize::from(*first) + n {
            if live.get(r / 64).is_none_or(|word| word & (1 << (r % 64)) == 0) {
                return Err("a register is read before it is written");
            }
        }
    }
    for r in &used.writes {
        set(live, usize::from(*r));
    }
    Ok(())
}

fn set(bits: &mut [u64], r: usize) {
    if let Some(word) = bits.get_mut(r / 64) {
        *word |= 1 << (r % 64);
    }
}

/// Takes over what another path knows; a place that learns something new is looked at (again).
fn meet(known: &mut [Option<Vec<u64>>], pc: usize, live: &[u64], work: &mut Vec<usize>) {
    match known.get_mut(pc) {
        Some(Some(old)) => {
            let mut changed = false;
            for (o, l) in old.iter_mut().zip(live) {
                changed |= *o & !l != 0;
                *o &= l;
            }
            if changed {
                work.push(pc);
            }
        }
        Some(slot) => {
            *slot = Some(live.to_vec());
            work.push(pc);
        }
        None => {}
    }
}
