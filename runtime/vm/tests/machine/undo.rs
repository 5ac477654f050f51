//! Steps are taken back newest first, before the handlers, whatever ends the flow.

use crate::bench::Bench;
use carapace_effect::{Failure, FailureKind, Outcome};
use carapace_module::Value;

const TWO_STEPS: &str = r#"
flow subject() -> Text {
  send("one", to: oncall) undo { send("undo one", to: oncall) }
  send("two", to: oncall) undo { send("undo two", to: oncall) }
  send("three", to: oncall)
  return "well"
} on failure error {
  send("failed: {error.message}", to: oncall)
  send("and told", to: oncall)
} on cancel {
  send("cancelled", to: oncall)
}
"#;

fn at_three() -> Bench {
    let mut bench = Bench::new(TWO_STEPS);
    assert_eq!(bench.advance(), ["send one"]);
    assert_eq!(bench.done("one"), ["send two"]);
    assert_eq!(bench.done("two"), ["send three"]);
    bench
}

#[test]
fn a_failure_takes_back_newest_first_and_then_tells() {
    let mut bench = at_three();
    assert_eq!(bench.failed("three"), ["send undo two"]);
    assert_eq!(bench.done("undo two"), ["send undo one"]);
    assert_eq!(bench.done("undo one"), ["send failed: no"]);
    assert_eq!(bench.done("failed"), ["send and told"]);
    assert_eq!(bench.done("and told"), Vec::<String>::new());
    assert_eq!(bench.status(), "failed: no");
}

#[test]
fn a_flow_that_ends_well_takes_nothing_back() {
    let mut bench = at_three();
    assert_eq!(bench.done("three"), Vec::<String>::new());
    assert_eq!(bench.status(), "finished well");
}

#[test]
fn a_cancel_lets_go_takes_back_and_runs_on_cancel() {
    let mut bench = at_three();
    bench.run.cancel(&bench.program, "stop");
    assert_eq!(bench.advance(), ["lets go of send three", "send undo two"]);
    // A second one while it is ending changes nothing.
    bench.run.cancel(&bench.program, "again");
    assert_eq!(bench.advance(), Vec::<String>::new());
    assert_eq!(bench.done("undo two"), ["send undo one"]);
    assert_eq!(bench.done("undo one"), ["send cancelled"]);
    bench.done("cancelled");
    assert_eq!(bench.status(), "cancelled: stop");
}

#[test]
fn a_fault_takes_back_and_tells_but_stays_a_fault() {
    let mut bench = Bench::with(
        r#"
flow subject(n: Int) -> Int {
  send("one", to: oncall) undo { send("undo one", to: oncall) }
  let x = do { 10 / n } else 7
  return x
} on failure error {
  send("failed: {error.message}", to: oncall)
}
"#,
        vec![Value::Int(0)],
    );
    assert_eq!(bench.advance(), ["send one"]);
    // `else` does not take a fault.
    assert_eq!(bench.done("one"), ["send undo one"]);
    assert_eq!(bench.done("undo one"), ["send failed: division by zero"]);
    assert_eq!(bench.done("failed"), Vec::<String>::new());
    assert_eq!(bench.status(), "fault: division by zero");
}

#[test]
fn a_fault_in_a_sub_flow_goes_through_the_flow_that_called_it() {
    let mut bench = Bench::with(
        r#"
flow inner(n: Int) -> Int {
  send("inner", to: oncall) undo { send("undo inner", to: oncall) }
  return 10 / n
} on failure { send("inner failed", to: oncall) }

flow subject(n: Int) -> Int {
  send("outer", to: oncall) undo { send("undo outer", to: oncall) }
  let x = inner(n) else 7
  return x
} on failure { send("outer failed", to: oncall) }
"#,
        vec![Value::Int(0)],
    );
    bench.advance();
    assert_eq!(bench.done("outer"), ["send inner"]);
    assert_eq!(bench.done("inner"), ["send undo inner"]);
    assert_eq!(bench.done("undo inner"), ["send inner failed"]);
    assert_eq!(bench.done("inner failed"), ["send undo outer"]);
    assert_eq!(bench.done("undo outer"), ["send outer failed"]);
    bench.done("outer failed");
    assert_eq!(bench.status(), "fault: division by zero");
}

#[test]
fn a_fault_in_a_branch_ends_the_others_and_takes_all_back() {
    let mut bench = Bench::with(
        r#"
flow subject(n: Int) -> Int {
  let all = parallel {
    a: do {
      send("left", to: oncall) undo { send("undo left", to: oncall) }
      10 / n
    }
    b: send("right", to: oncall)
  }
  return all.a
}
"#,
        vec![Value::Int(0)],
    );
    assert_eq!(bench.advance(), ["send left", "send right"]);
    assert_eq!(bench.done("left"), ["lets go of send right", "send undo left"]);
    bench.done("undo left");
    assert_eq!(bench.status(), "fault: division by zero");
}

#[test]
fn a_caught_block_takes_back_its_own_steps_only() {
    let mut bench = Bench::new(
        r#"
flow subject() -> Text {
  send("before", to: oncall) undo { send("undo before", to: oncall) }
  let word = do {
    send("inside", to: oncall) undo { send("undo inside", to: oncall) }
    fail("no")
    "well"
  } else "caught"
  send("after", to: oncall)
  return word
}
"#,
    );
    bench.advance();
    assert_eq!(bench.done("before"), ["send inside"]);
    assert_eq!(bench.done("inside"), ["send undo inside"]);
    assert_eq!(bench.done("undo inside"), ["send after"]);
    // What was before the block is still to be taken back.
    assert_eq!(bench.failed("after"), ["send undo before"]);
}

#[test]
fn steps_of_branches_are_taken_back_in_the_order_in_which_they_happened() {
    let mut bench = Bench::new(
        r#"
flow subject() {
  send("first", to: oncall) undo { send("undo first", to: oncall) }
  parallel {
    send("left", to: oncall) undo { send("undo left", to: oncall) }
    send("right", to: oncall) undo { send("undo right", to: oncall) }
  }
  fail("no")
}
"#,
    );
    bench.advance();
    assert_eq!(bench.done("first"), ["send left", "send right"]);
    bench.done("right");
    // The left one happened last.
    assert_eq!(bench.done("left"), ["send undo left"]);
    assert_eq!(bench.done("undo left"), ["send undo right"]);
    assert_eq!(bench.done("undo right"), ["send undo first"]);
    bench.done("undo first");
    assert_eq!(bench.status(), "failed: no");
}

#[test]
fn an_undo_that_fails_is_handed_over_and_the_others_wait_for_that() {
    let mut bench = at_three();
    bench.failed("three");
    assert_eq!(bench.failed("undo two"), ["hand over: no"]);
    assert_eq!(bench.status(), "waiting");
    // Cancelling changes nothing: it is ending, and somebody has to look.
    bench.run.cancel(&bench.program, "stop");
    assert_eq!(bench.advance(), Vec::<String>::new());
    assert_eq!(bench.done("hand over"), ["send undo one"]);
    assert_eq!(bench.done("undo one"), ["send failed: no"]);
}

#[test]
fn an_undo_that_breaks_a_rule_is_handed_over_too() {
    let mut bench = Bench::with(
        r#"
flow subject(n: Int) {
  send("one", to: oncall) undo { send("undo one", to: oncall) }
  send("two", to: oncall) undo { send("undo {10 / n}", to: oncall) }
  fail("no")
}
"#,
        vec![Value::Int(0)],
    );
    bench.advance();
    bench.done("one");
    assert_eq!(bench.done("two"), ["hand over: division by zero"]);
    assert_eq!(bench.done("hand over"), ["send undo one"]);
    bench.done("undo one");
    assert_eq!(bench.status(), "failed: no");
}

#[test]
fn an_undo_may_have_a_deadline_of_its_own() {
    let mut bench = Bench::new(
        r#"
flow subject() {
  send("one", to: oncall) undo { send("undo one", to: oncall) within 5s else { send("late", to: oncall) } }
  fail("no")
}
"#,
    );
    bench.advance();
    assert_eq!(bench.done("one"), ["deadline 5000", "send undo one"]);
    assert_eq!(bench.done("deadline"), ["lets go of send undo one", "send late"]);
    bench.done("late");
    assert_eq!(bench.status(), "failed: no");
}

#[test]
fn a_cancel_while_a_block_is_taken_back_comes_after_that() {
    let mut bench = Bench::new(
        r#"
flow subject() {
  send("outer", to: oncall) undo { send("undo outer", to: oncall) }
  do {
    send("inner", to: oncall) undo { send("undo inner", to: oncall) }
    fail("no")
  } else { send("caught", to: oncall) }
  send("never", to: oncall)
} on cancel { send("cancelled", to: oncall) }
"#,
    );
    bench.advance();
    bench.done("outer");
    assert_eq!(bench.done("inner"), ["send undo inner"]);
    bench.run.cancel(&bench.program, "stop");
    assert_eq!(bench.advance(), Vec::<String>::new(), "the block is taken back first");
    assert_eq!(bench.done("undo inner"), ["send undo outer"], "then the run, not the handler of the block");
    assert_eq!(bench.done("undo outer"), ["send cancelled"]);
    bench.done("cancelled");
    assert_eq!(bench.status(), "cancelled: stop");
}

#[test]
fn a_deadline_that_passes_while_a_block_is_taken_back_comes_after_that() {
    let mut bench = Bench::new(
        r#"
flow subject() -> Text {
  let word = do {
    do {
      send("inner", to: oncall) undo { send("undo inner", to: oncall) }
      fail("no")
    } else { send("caught", to: oncall) }
    "well"
  } within 1m else "late"
  return word
}
"#,
    );
    assert_eq!(bench.advance(), ["deadline 60000", "send inner"]);
    assert_eq!(bench.done("inner"), ["send undo inner"]);
    assert_eq!(bench.done("deadline"), Vec::<String>::new());
    assert_eq!(bench.done("undo inner"), Vec::<String>::new());
    assert_eq!(bench.status(), "finished late");
}

#[test]
fn a_timeout_does_not_end_the_handler_that_tells_of_it() {
    let mut bench = at_three();
    let late = Failure::new(FailureKind::Timeout, "too long");
    bench.run.fail(&bench.program, late.clone());
    assert_eq!(bench.advance(), ["lets go of send three", "send undo two"]);
    bench.done("undo two");
    assert_eq!(bench.done("undo one"), ["send failed: too long"]);
    bench.run.fail(&bench.program, late);
    assert_eq!(bench.advance(), Vec::<String>::new(), "it is ending already");
    assert_eq!(bench.done("failed"), ["send and told"]);
    // A person may cut it short.
    bench.run.cancel(&bench.program, "stop");
    assert_eq!(bench.advance(), ["lets go of send and told"]);
    assert_eq!(bench.status(), "failed: too long");
}

#[test]
fn a_run_that_has_not_begun_ends_at_once() {
    let mut bench = Bench::new(TWO_STEPS);
    bench.run.cancel(&bench.program, "stop");
    assert_eq!(bench.advance(), Vec::<String>::new());
    assert_eq!(bench.status(), "cancelled: stop");
}

#[test]
fn the_undo_sees_the_result() {
    let mut bench = Bench::new(
        r#"
flow subject() {
  let answer = desk.ask("who?") undo { send("undo", to: oncall) }
  send(answer, to: oncall)
}
"#,
    );
    assert_eq!(bench.advance(), ["ask who?"]);
    assert_eq!(bench.tell("who?", Outcome::Done(Value::text("ana"))), ["send ana"]);
    assert_eq!(bench.failed("ana"), ["send undo"]);
}
