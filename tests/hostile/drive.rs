//! Runs every function of a module a little, in a world that answers with junk.

use crate::change::Dice;
use carapace_effect::{Failure, FailureKind, OpId, Outcome};
use carapace_module::Value;
use carapace_module::signature::FunctionId;
use carapace_vm::{Host, Limits, Program, Run, Status, call_pure};
use std::sync::Arc;

/// A world whose settings and state are anything.
struct Junk<'d>(&'d mut Dice);

impl Host for Junk<'_> {
    fn setting(&mut self, _index: u32) -> Option<Value> {
        (self.0.below(2) == 0).then(|| self.0.value(2))
    }
    fn state_get(&mut self, _index: u32, _key: &[Value]) -> Option<Value> {
        (self.0.below(2) == 0).then(|| self.0.value(2))
    }
    fn state_set(&mut self, _index: u32, _key: &[Value], _value: Value) {}
    fn now(&mut self) -> i64 {
        i64::MAX
    }
    fn random(&mut self) -> i64 {
        -1
    }
}

const LIMITS: Limits = Limits { fuel: 20_000, memory: 1 << 20, frames: 100 };

/// Runs every function.
pub(crate) fn all(program: &Arc<Program>, dice: &mut Dice) {
    for number in 0..program.module().functions.len() {
        let function = FunctionId(u32::try_from(number).unwrap());
        let params = usize::from(program.module().functions[number].params);
        let args: Vec<Value> = (0..params).map(|_| dice.value(3)).collect();
        let _ = call_pure(program, function, &args, &mut Junk(dice), LIMITS);
        run(program, function, args, dice);
    }
}

fn run(program: &Arc<Program>, function: FunctionId, args: Vec<Value>, dice: &mut Dice) {
    let mut run = Run::start(program, function, args);
    let mut open: Vec<OpId> = Vec::new();
    let mut gone: Vec<OpId> = Vec::new();
    for _ in 0..12 {
        let stretch = run.advance(program, &mut Junk(dice), LIMITS);
        open.retain(|op| !stretch.abandoned.contains(op));
        gone.extend(stretch.abandoned);
        open.extend(stretch.requests.into_iter().map(|request| request.op));
        run.positions(program);
        if stretch.status != Status::Waiting && dice.below(2) == 0 {
            return;
        }
        let bytes = run.snapshot();
        if let Ok(restored) = Run::restore(program, &bytes) {
            assert_eq!(restored.snapshot(), bytes, "a snapshot is canonical");
            run = restored;
        }
        match dice.below(8) {
            0 => run.cancel(program, "enough"),
            1 => run.fail(program, Failure::new(FailureKind::Timeout, "late")),
            2 if !gone.is_empty() => {
                let op = gone.swap_remove(dice.below(gone.len()));
                run.apply_late(program, &op, outcome(dice));
            }
            _ if !open.is_empty() => {
                let op = open.swap_remove(dice.below(open.len()));
                run.apply(program, &op, outcome(dice));
            }
            _ => {}
        }
    }
}

fn outcome(dice: &mut Dice) -> Outcome {
    match dice.below(6) {
        0 => Outcome::Failed(Failure::new(FailureKind::Transient, "no")),
        1 => Outcome::Unknown,
        _ => Outcome::Done(dice.value(3)),
    }
}
