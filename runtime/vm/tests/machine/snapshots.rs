//! A run written down: canonical, and nothing else is taken for one.

use crate::bench::{Bench, World, program};
use carapace_effect::Outcome;
use carapace_module::Value;
use carapace_vm::{Limits, Run};
use proptest::prelude::*;

/// A run in the middle of everything: branches, a buffer, scopes, undos, a failure on its way.
const BUSY: &str = r#"
channel support: terminal
flow sub(n: Int) -> Int {
  send("sub {n}", to: oncall) undo { send("undo sub", to: oncall) }
  return n
}

flow subject() {
  listen support.message from anyone as inbox {
    parallel {
      a: sub(1) within 1h
      b: do {
        send("b", to: oncall) undo { wait(1m) }
        fail("no")
      } else { inbox.next() }
      for n in 1..3 parallel 1 { sub(n) retry 2 }
    }
  }
}
"#;

fn busy() -> Bench {
    let mut bench = Bench::new(BUSY);
    bench.advance();
    bench.done("send b");
    bench
}

#[test]
fn equal_runs_are_equal_bytes_however_they_came_to_be() {
    let (one, mut two) = (busy(), Bench::new(BUSY));
    // Without being read back in between.
    two.run = Run::start(&two.program, two.program.module().flow("main.subject").unwrap().body, Vec::new());
    let stretch = two.run.advance(&two.program, &mut two.world, Limits::STRETCH);
    let send =
        stretch.requests.iter().find(|r| format!("{:?}", r.kind).contains("\"b\"")).unwrap().op.clone();
    assert!(two.run.apply(&two.program, &send, Outcome::Done(Value::text("done"))));
    two.run.advance(&two.program, &mut two.world, Limits::STRETCH);
    assert_eq!(one.run.snapshot(), two.run.snapshot());
}

#[test]
fn every_shorter_or_changed_snapshot_is_an_error_or_a_run_that_harms_nobody() {
    let bench = busy();
    let bytes = bench.run.snapshot();
    for cut in 0..bytes.len() {
        assert!(Run::restore(&bench.program, &bytes[..cut]).is_err(), "cut at {cut}");
    }
    let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
    assert!(Run::restore(&bench.program, &longer).is_err());
    let limits = Limits { fuel: 100_000, ..Limits::STRETCH };
    for at in 0..bytes.len() {
        for change in [1_u8, 2, 7, 64, 128, 255] {
            let mut changed = bytes.clone();
            changed[at] = changed[at].wrapping_add(change);
            let Ok(mut run) = Run::restore(&bench.program, &changed) else { continue };
            assert_eq!(run.snapshot(), changed, "what is taken is canonical");
            run.advance(&bench.program, &mut World::default(), limits);
            run.cancel(&bench.program, "stop");
            run.advance(&bench.program, &mut World::default(), limits);
        }
    }
}

#[test]
fn a_snapshot_of_another_module_or_version_is_refused() {
    let bench = busy();
    let other = program("flow subject() { wait(1m) }");
    let error = Run::restore(&other, &bench.run.snapshot()).unwrap_err().to_string();
    assert!(error.starts_with("a run cannot be restored"), "{error}");
    let mut bytes = bench.run.snapshot();
    bytes[0] = 99;
    let error = Run::restore(&bench.program, &bytes).unwrap_err().to_string();
    assert!(error.contains("another version"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_no_run(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        thread_local! { static PROGRAM: std::sync::Arc<carapace_vm::Program> = program(BUSY); }
        PROGRAM.with(|program| {
            // The version first, so that the rest is looked at.
            let with_version: Vec<u8> = std::iter::once(2).chain(bytes.iter().copied()).collect();
            for bytes in [&bytes, &with_version] {
                if let Ok(mut run) = Run::restore(program, bytes) {
                    let limits = Limits { fuel: 10_000, ..Limits::STRETCH };
                    run.advance(program, &mut World::default(), limits);
                }
            }
        });
    }
}
