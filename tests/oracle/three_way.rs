//! The evaluator, the machine, and the machine that is written down and read back at every wait, and moved to the same
//! program anew at each wait that has a name: they ask for the same, in the same order, let go of the same, and end the
//! same way.

use crate::programs::{cases, checked, flow};
use carapace_driver::Checked;
use carapace_effect::{Failure, FailureKind, OpId};
use carapace_module::Value;
use carapace_tests::generate::{Choices, program};
use carapace_tests::oracle::{self, Asked, OracleRun, canonical};
use carapace_tests::script::{Happening, Script};
use carapace_vm::{Fault, Host, Limits, Program, Run, Status};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How often a run was moved, over all programs.
static MOVED: AtomicUsize = AtomicUsize::new(0);

/// Settings have their defaults, the clock stands still, state is a table.
#[derive(Default)]
struct World {
    states: BTreeMap<(u32, String), Value>,
}

impl Host for World {
    fn setting(&mut self, _index: u32) -> Option<Value> {
        None
    }
    fn state_get(&mut self, index: u32, key: &[Value]) -> Option<Value> {
        self.states.get(&(index, key.iter().map(canonical).collect())).cloned()
    }
    fn state_set(&mut self, index: u32, key: &[Value], value: Value) {
        self.states.insert((index, key.iter().map(canonical).collect()), value);
    }
    fn now(&mut self) -> i64 {
        0
    }
    fn random(&mut self) -> i64 {
        4
    }
}

/// A run of the machine.
pub(crate) struct Twin {
    program: Arc<Program>,
    run: Run,
    world: World,
    /// Whether it is written down and read back after every stretch, and moved where it can be.
    restores: bool,
    flow: String,
    /// How often it was moved.
    pub(crate) moved: usize,
    /// Whether it broke a bound: the evaluator need not break it at the same place.
    bounded: bool,
}

impl Twin {
    pub(crate) fn new(program: &Arc<Program>, name: &str, args: &[Value], restores: bool) -> Twin {
        let body = program.module().flow(name).unwrap().body;
        let run = Run::start(program, body, args.to_vec());
        Twin {
            program: Arc::clone(program),
            run,
            world: World::default(),
            restores,
            flow: name.to_owned(),
            moved: 0,
            bounded: false,
        }
    }

    fn advance(&mut self) -> (Vec<Asked>, Vec<OpId>, String) {
        let stretch = self.run.advance(&self.program, &mut self.world, Limits::STRETCH);
        self.bounded |= stretch
            .broken
            .is_some_and(|broken| matches!(broken.fault, Fault::Fuel | Fault::Memory | Fault::Depth));
        assert_eq!(self.run.pieces().concat(), self.run.snapshot(), "pieces are the snapshot");
        if self.restores && stretch.status == Status::Waiting {
            let bytes = self.run.snapshot();
            let restored = Run::restore(&self.program, &bytes).unwrap();
            assert_eq!(restored.snapshot(), bytes, "a snapshot is canonical");
            self.run = restored;
            if let Ok(moved) = Run::moved(&bytes, self.program.module(), &self.program, &self.flow) {
                self.run = moved;
                self.moved += 1;
            }
        }
        let asked = stretch.requests.iter().map(Asked::of).collect();
        let status = match stretch.status {
            Status::Waiting => "waiting".to_owned(),
            Status::Finished(value) => format!("finished {}", canonical(&value)),
            Status::Failed(failure) => format!("failed {failure:?}"),
            Status::Cancelled(reason) => format!("cancelled {reason}"),
            Status::Fault(broken) => fault_word(&broken.fault),
        };
        (asked, sorted(stretch.abandoned), status)
    }
}

fn fault_word(fault: &Fault) -> String {
    match fault {
        Fault::Overflow => "fault overflow".to_owned(),
        Fault::DivisionByZero => "fault division".to_owned(),
        Fault::Currency => "fault currency".to_owned(),
        Fault::Fuel | Fault::Memory | Fault::Depth => "fault bound".to_owned(),
        Fault::Native(_) => "fault native".to_owned(),
        Fault::NotPermitted(_) => "fault manifest".to_owned(),
        Fault::Unsound(what) => format!("UNSOUND {what}"),
    }
}

fn oracle_word(status: &oracle::Status) -> String {
    match status {
        oracle::Status::Waiting => "waiting".to_owned(),
        oracle::Status::Finished(value) => format!("finished {}", canonical(value)),
        oracle::Status::Failed(failure) => format!("failed {failure:?}"),
        oracle::Status::Cancelled(reason) => format!("cancelled {reason}"),
        oracle::Status::Fault(fault) => match fault {
            oracle::Fault::Overflow => "fault overflow".to_owned(),
            oracle::Fault::DivisionByZero => "fault division".to_owned(),
            oracle::Fault::Currency => "fault currency".to_owned(),
            oracle::Fault::Fuel | oracle::Fault::Depth => "fault bound".to_owned(),
            oracle::Fault::Native(_) => "fault native".to_owned(),
            oracle::Fault::Broken(what) => format!("BROKEN {what}"),
        },
    }
}

fn sorted(mut ops: Vec<OpId>) -> Vec<OpId> {
    ops.sort();
    ops
}

/// Runs all three through the same world; gives the first difference in words.
fn difference(source: &str, name: &str, world: &[u8], args: &[Value]) -> Option<String> {
    let checked = checked(source);
    let module = carapace_emit::emit(&checked.program).unwrap();
    let program = Program::load(&module.to_bytes()).unwrap_or_else(|e| panic!("{e}\n{source}"));
    let mut twins = [Twin::new(&program, name, args, false), Twin::new(&program, name, args, true)];
    let difference = compare(&checked, name, world, args, &mut twins);
    MOVED.fetch_add(twins.iter().map(|twin| twin.moved).sum(), Ordering::Relaxed);
    difference
}

/// Runs the evaluator and these machines through the same world; gives the first difference in words.
pub(crate) fn compare<const N: usize>(
    checked: &Checked,
    name: &str,
    world: &[u8],
    args: &[Value],
    twins: &mut [Twin; N],
) -> Option<String> {
    let oracle = OracleRun::flow(&checked.program, flow(&checked.program, name), args.to_vec());
    let (mut script, mut choices) = (Script::default(), Choices::new(world));
    for step in 0..400 {
        let (asked, abandoned, status) = oracle.advance();
        let expected = (asked, sorted(abandoned), oracle_word(&status));
        for twin in twins.iter_mut() {
            let way = if twin.restores { "machine with restores" } else { "machine" };
            let found = twin.advance();
            if twin.bounded || oracle.is_bounded() {
                return None;
            }
            // What a run that is over lets go of, nobody waits for either way.
            let over = expected.2 != "waiting";
            let same = found.0 == expected.0 && found.2 == expected.2 && (over || found.1 == expected.1);
            if !same {
                return Some(format!("step {step}: evaluator\n  {expected:?}\n{way}\n  {found:?}"));
            }
        }
        script.note(&expected.0, &expected.1);
        let happening =
            if expected.2 == "waiting" { script.next(&mut choices) } else { script.late(&mut choices) };
        let Some(happening) = happening else {
            return (expected.2 == "waiting").then(|| "it waits for nothing".to_owned());
        };
        if let Some(difference) = happen(&oracle, twins, &happening) {
            return Some(format!("step {step}: {difference}"));
        }
    }
    None
}

/// Lets it happen to all of them; gives what they do not agree about.
fn happen(oracle: &OracleRun<'_>, twins: &mut [Twin], happening: &Happening) -> Option<String> {
    let expected = match happening {
        // One that was unknown may be waited for still, or only its undo depends on it.
        Happening::Outcome(op, outcome) => {
            oracle.apply(op, outcome.clone()) || oracle.apply_late(op, outcome.clone())
        }
        Happening::Late(op, outcome) => oracle.apply_late(op, outcome.clone()),
        Happening::Cancel => {
            oracle.cancel("stop");
            true
        }
        Happening::Timeout => {
            oracle.fail(timeout());
            true
        }
    };
    for twin in twins {
        let found = match happening {
            Happening::Outcome(op, outcome) => {
                twin.run.apply(&twin.program, op, outcome.clone())
                    || twin.run.apply_late(&twin.program, op, outcome.clone())
            }
            Happening::Late(op, outcome) => twin.run.apply_late(&twin.program, op, outcome.clone()),
            Happening::Cancel => {
                twin.run.cancel(&twin.program, "stop");
                true
            }
            Happening::Timeout => {
                twin.run.fail(&twin.program, timeout());
                true
            }
        };
        if found != expected {
            return Some(format!("the evaluator takes it: {expected}, the machine: {found}: {happening:?}"));
        }
    }
    None
}

fn timeout() -> Failure {
    Failure::new(FailureKind::Timeout, "the run took longer than its timeout")
}

pub(crate) fn arguments() -> Vec<Value> {
    vec![Value::Int(5), Value::text("Hello"), Value::Bool(true)]
}

/// What the property is worth, where runs do stand at waits that have a name.
#[test]
fn runs_are_moved_on_the_way() {
    let mut number = 1_u32;
    let mut next = || {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        number.to_be_bytes()[0]
    };
    let before = MOVED.load(Ordering::Relaxed);
    for _ in 0..400 {
        let bytes: Vec<u8> = (0..300).map(|_| next()).collect();
        let world: Vec<u8> = (0..100).map(|_| next()).collect();
        let generated = program(&bytes);
        let difference = difference(&generated.source, generated.flow, &world, &arguments());
        assert_eq!(difference, None, "{}", generated.source);
    }
    let moved = MOVED.load(Ordering::Relaxed) - before;
    assert!(moved > 10, "{moved}");
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn evaluator_machine_and_restored_machine_agree(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        world in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let generated = program(&bytes);
        if let Some(difference) = difference(&generated.source, generated.flow, &world, &arguments()) {
            prop_assert!(false, "{difference}\n{}", generated.source);
        }
    }
}
