//! The evaluator alone: it understands every generated program, and every run of it ends.

use crate::programs::{cases, checked, flow};
use carapace_effect::{Failure, FailureKind};
use carapace_module::Value;
use carapace_tests::generate::{Choices, program};
use carapace_tests::oracle::{Fault, OracleRun, Status};
use carapace_tests::script::{Happening, Script};
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn every_run_ends(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        world in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let generated = program(&bytes);
        let checked = checked(&generated.source);
        let args = vec![Value::Int(5), Value::text("Hello"), Value::Bool(true)];
        let run = OracleRun::flow(&checked.program, flow(&checked.program, generated.flow), args);
        let (mut script, mut choices) = (Script::default(), Choices::new(&world));
        for _ in 0..2_000 {
            let (asked, abandoned, status) = run.advance();
            script.note(&asked, &abandoned);
            match status {
                Status::Waiting => {}
                Status::Fault(Fault::Broken(why)) => panic!("{why}\n{}", generated.source),
                _ => return Ok(()),
            }
            match script.next(&mut choices).unwrap_or_else(|| panic!("it waits for nothing\n{}", generated.source)) {
                // One that was unknown may be waited for still, or only its undo depends on it.
                Happening::Outcome(op, outcome) => {
                    if !run.apply(&op, outcome.clone()) {
                        run.apply_late(&op, outcome);
                    }
                }
                Happening::Late(op, outcome) => drop(run.apply_late(&op, outcome)),
                Happening::Cancel => run.cancel("stop"),
                Happening::Timeout => run.fail(Failure::new(FailureKind::Timeout, "late")),
            }
        }
        // Thousands of waits are possible (loops in loops); nothing is wrong with that.
    }
}
