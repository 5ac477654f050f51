//! Steps whose outcome comes when nobody waits for it any more.

use crate::bench::Bench;
use carapace_effect::{Failure, FailureKind, OpId, Outcome};
use carapace_module::Value;

fn done() -> Outcome {
    Outcome::Done(Value::text("done"))
}

fn late(bench: &mut Bench, op: &OpId, outcome: Outcome) -> Vec<String> {
    assert!(bench.run.apply_late(&bench.program, op, outcome), "something depends on it");
    bench.advance()
}

const CAUGHT: &str = r#"
flow subject() -> Text {
  do {
    send("slow", to: oncall) within 5s undo { send("undo slow", to: oncall) }
  } else { send("went on", to: oncall) }
  let answer = desk.ask("and now?")
  return answer
}
"#;

#[test]
fn a_step_that_finishes_late_is_taken_back_where_its_block_is_past() {
    let mut bench = Bench::new(CAUGHT);
    assert_eq!(bench.advance(), ["deadline 5000", "send slow"]);
    let slow = bench.op("slow");
    assert_eq!(bench.done("deadline"), ["lets go of send slow", "send went on"]);
    assert_eq!(bench.done("went on"), ["ask and now?"]);
    assert_eq!(late(&mut bench, &slow, done()), ["send undo slow"]);
    // That it is taken back is no answer to what the run itself waits for.
    assert_eq!(bench.done("undo slow"), Vec::<String>::new());
    assert_eq!(bench.status(), "waiting");
    bench.tell("and now?", Outcome::Done(Value::text("well")));
    assert_eq!(bench.status(), "finished well");
}

#[test]
fn a_run_is_not_over_while_a_late_step_is_taken_back() {
    let mut bench = Bench::new(CAUGHT);
    bench.advance();
    let slow = bench.op("slow");
    bench.done("deadline");
    bench.done("went on");
    late(&mut bench, &slow, done());
    bench.tell("and now?", Outcome::Done(Value::text("well")));
    assert_eq!(bench.status(), "waiting");
    bench.done("undo slow");
    assert_eq!(bench.status(), "finished well", "how it ended is not forgotten meanwhile");
}

#[test]
fn a_step_of_a_run_that_failed_is_taken_back_when_it_finishes_late() {
    let mut bench = Bench::new(
        r#"
flow subject() {
  parallel {
    send("slow", to: oncall) undo { send("undo slow", to: oncall) }
    send("quick", to: oncall)
  }
}
"#,
    );
    bench.advance();
    let slow = bench.op("slow");
    assert_eq!(bench.failed("quick"), ["lets go of send slow"]);
    assert_eq!(bench.status(), "failed: no");
    assert_eq!(late(&mut bench, &slow, done()), ["send undo slow"]);
    assert_eq!(bench.status(), "waiting");
    assert_eq!(bench.failed("undo slow"), ["hand over: no"], "also of a step that came late");
    bench.done("hand over");
    assert_eq!(bench.status(), "failed: no");
}

#[test]
fn a_step_that_failed_late_is_not_taken_back() {
    let mut bench = Bench::new(CAUGHT);
    bench.advance();
    let slow = bench.op("slow");
    bench.done("deadline");
    bench.done("went on");
    let failure = Failure::new(FailureKind::Refused, "no");
    assert_eq!(late(&mut bench, &slow, Outcome::Failed(failure)), Vec::<String>::new());
    assert!(!bench.run.apply_late(&bench.program, &slow, done()), "nobody waits for it twice");
}

#[test]
fn the_loser_of_a_race_that_finishes_late_is_taken_back_at_once() {
    let mut bench = Bench::new(
        r#"
flow subject() {
  race {
    a: send("slow", to: oncall) undo { send("undo slow", to: oncall) }
    b: send("quick", to: oncall)
  }
  send("next", to: oncall)
}
"#,
    );
    bench.advance();
    let slow = bench.op("slow");
    assert_eq!(bench.done("quick"), ["lets go of send slow", "send next"]);
    // Its branch is gone: it happened for nobody.
    assert_eq!(late(&mut bench, &slow, done()), ["send undo slow"]);
    bench.done("undo slow");
    assert_eq!(bench.status(), "waiting");
    bench.done("next");
    assert_eq!(bench.status(), "finished None");
}

#[test]
fn without_a_handler_the_unknown_waits_and_with_one_it_goes_there() {
    let mut bench = Bench::new("flow subject() {\n send(\"one\", to: oncall)\n send(\"two\", to: oncall)\n}");
    bench.advance();
    let op = bench.op("one");
    assert!(bench.run.apply(&bench.program, &op, Outcome::Unknown));
    assert_eq!(bench.advance(), Vec::<String>::new());
    assert_eq!(bench.status(), "waiting");
    // A person knows in the end.
    assert!(bench.run.apply(&bench.program, &op, done()));
    assert_eq!(bench.advance(), ["send two"]);

    let mut bench = Bench::new(
        r#"
flow subject() {
  send("one", to: oncall) undo { send("undo one", to: oncall) } on unknown { send("perhaps", to: oncall) }
  send("two", to: oncall)
}
"#,
    );
    bench.advance();
    let op = bench.op("one");
    assert_eq!(bench.tell("one", Outcome::Unknown), ["send perhaps"]);
    assert_eq!(bench.done("perhaps"), ["send two"]);
    // It did happen: now there is something to take back.
    assert_eq!(late(&mut bench, &op, done()), Vec::<String>::new());
    assert_eq!(bench.failed("two"), ["send undo one"]);
}

#[test]
fn what_is_asked_and_let_go_of_at_once_was_never_asked() {
    let mut bench = Bench::new(
        r#"
flow subject() -> Text {
  let word = do {
    parallel {
      send("never sent", to: oncall) undo { send("undo", to: oncall) }
      fail("no")
    }
    "well"
  } else "caught"
  return word
}
"#,
    );
    assert_eq!(bench.advance(), Vec::<String>::new());
    assert_eq!(bench.status(), "finished caught");
}

const THREE_STEPS: &str = r#"
flow subject() {
  send("one", to: oncall) undo { send("undo one", to: oncall) }
  send("two", to: oncall) undo { send("undo two", to: oncall) }
  send("three", to: oncall)
}
"#;

#[test]
fn nothing_is_taken_back_before_it_is_known_what_became_of_the_newest_step() {
    for happened in [true, false] {
        let mut bench = Bench::new(THREE_STEPS);
        bench.advance();
        bench.done("one");
        let two = bench.op("two");
        assert_eq!(bench.tell("two", Outcome::Unknown), Vec::<String>::new());
        bench.run.cancel(&bench.program, "enough");
        assert_eq!(bench.advance(), ["lets go of :1"]);
        assert_eq!(bench.status(), "waiting", "whether `two` is to be taken back, nobody knows");
        if happened {
            assert_eq!(late(&mut bench, &two, done()), ["send undo two"]);
            assert_eq!(bench.done("undo two"), ["send undo one"], "newest first");
        } else {
            let no = Outcome::Failed(Failure::new(FailureKind::Refused, "no"));
            assert_eq!(late(&mut bench, &two, no), ["send undo one"]);
        }
        bench.done("undo one");
        assert_eq!(bench.status(), "cancelled: enough");
    }
}

#[test]
fn a_step_without_an_undo_holds_up_those_before_it_too() {
    let mut bench = Bench::new(THREE_STEPS);
    bench.advance();
    bench.done("one");
    bench.done("two");
    let three = bench.op("three");
    bench.tell("three", Outcome::Unknown);
    bench.run.fail(&bench.program, Failure::new(FailureKind::Timeout, "too long"));
    assert_eq!(bench.advance(), ["lets go of :2"]);
    assert_eq!(late(&mut bench, &three, done()), ["send undo two"]);
    assert_eq!(bench.done("undo two"), ["send undo one"]);
    bench.done("undo one");
    assert_eq!(bench.status(), "failed: too long");
}

#[test]
fn a_flow_that_goes_on_without_knowing_takes_later_steps_back_and_waits_with_earlier_ones() {
    let mut bench = Bench::new(
        r#"
flow subject() {
  send("one", to: oncall) undo { send("undo one", to: oncall) }
  send("two", to: oncall) undo { send("undo two", to: oncall) } on unknown { send("perhaps", to: oncall) }
  send("three", to: oncall) undo { send("undo three", to: oncall) }
  fail("no")
}
"#,
    );
    bench.advance();
    bench.done("one");
    let two = bench.op("two");
    bench.tell("two", Outcome::Unknown);
    bench.done("perhaps");
    assert_eq!(bench.done("three"), ["send undo three"]);
    assert_eq!(bench.done("undo three"), Vec::<String>::new());
    assert_eq!(bench.status(), "waiting");
    assert_eq!(late(&mut bench, &two, done()), ["send undo two"]);
    bench.done("undo two");
    bench.done("undo one");
    assert_eq!(bench.status(), "failed: no");
}

#[test]
fn the_loser_of_a_race_that_nobody_knows_about_is_taken_back_when_it_is_known() {
    let mut bench = Bench::new(
        r#"
flow subject() {
  send("one", to: oncall) undo { send("undo one", to: oncall) }
  race {
    a: send("slow", to: oncall) undo { send("undo slow", to: oncall) }
    b: send("quick", to: oncall)
  }
  send("next", to: oncall)
}
"#,
    );
    bench.advance();
    bench.done("one");
    let slow = bench.op("slow");
    bench.tell("slow", Outcome::Unknown);
    assert_eq!(bench.done("quick"), ["lets go of 0:0", "send next"]);
    assert_eq!(late(&mut bench, &slow, done()), ["send undo slow"], "it happened for nobody");
    bench.done("undo slow");
    assert_eq!(bench.failed("next"), ["send undo one"]);
    bench.done("undo one");
    assert_eq!(bench.status(), "failed: no");
}
