//! Header clauses: limit, debounce, dedupe, serial, timeout, cancellable.

use crate::bench::{Bench, DAY, HOUR, MINUTE, SECOND};
use carapace_engine::Input;

fn starts(said: &[String]) -> Vec<&str> {
    said.iter().map(String::as_str).filter(|w| !w.ends_with("succeeded")).collect()
}

#[test]
fn a_rolling_limit_counts_starts_and_has_an_else() {
    let mut t = Bench::new(
        r#"
flow f on chat.message limit 2 per 1m by sender else { reply("slow down") } { reply("ok") }
"#,
    );
    assert_eq!(starts(&t.message("ana", "1")), ["starts f", "reply ok → ana"]);
    t.pass(30 * SECOND);
    assert_eq!(starts(&t.message("ana", "2")), ["starts f", "reply ok → ana"]);
    assert_eq!(
        starts(&t.message("ana", "3")),
        ["drops f: Limit(0)", "starts f else", "reply slow down → ana"]
    );
    assert_eq!(starts(&t.message("bo", "1")), ["starts f", "reply ok → bo"], "everybody has their own");
    t.pass(30 * SECOND);
    assert_eq!(
        starts(&t.message("ana", "4")),
        ["starts f", "reply ok → ana"],
        "the first one is a minute old"
    );
    assert_eq!(starts(&t.message("ana", "5"))[0], "drops f: Limit(0)");
}

#[test]
fn of_several_limits_each_must_have_room_and_a_refused_start_counts_for_none() {
    let mut t = Bench::new(
        r#"
flow f on chat.message
  limit 1 per 1m by sender
  limit 2 per 1h by conversation
{ reply("ok") }
"#,
    );
    assert_eq!(t.message_in("room", "ana", "1")[0], "starts f");
    assert_eq!(t.message_in("room", "ana", "2"), ["drops f: Limit(0)"]);
    assert_eq!(t.message_in("room", "bo", "3")[0], "starts f", "ana's second one did not count in the room");
    assert_eq!(t.message_in("room", "cy", "4"), ["drops f: Limit(1)"]);
    t.pass(MINUTE);
    assert_eq!(t.message_in("elsewhere", "cy", "5")[0], "starts f", "nor did cy's count for cy");
}

#[test]
fn a_limit_without_a_time_counts_runs_that_live() {
    let mut t = Bench::new(
        r#"
flow f on chat.message limit 1 by sender else { reply("busy") } { wait(1m) }
"#,
    );
    assert_eq!(starts(&t.message("ana", "1")), ["starts f"]);
    assert_eq!(starts(&t.message("ana", "2")), ["drops f: Limit(0)", "starts f else", "reply busy → ana"]);
    assert_eq!(starts(&t.message("bo", "1")), ["starts f"]);
    t.pass(MINUTE);
    assert_eq!(starts(&t.message("ana", "3")), ["starts f"]);
}

#[test]
fn debounce_waits_for_silence_and_takes_the_last() {
    let mut t = Bench::new(
        r#"
flow f on chat.message debounce 10s by sender { reply("last: {message.text}") }
"#,
    );
    assert_eq!(t.message("ana", "one"), Vec::<String>::new());
    t.pass(9 * SECOND);
    assert_eq!(t.message("ana", "two"), ["drops f: Debounced"]);
    assert_eq!(t.message("bo", "other"), Vec::<String>::new());
    t.pass(9 * SECOND);
    t.crash();
    assert_eq!(
        starts(&t.pass(SECOND)),
        ["starts f", "starts f", "reply last: two → ana", "reply last: other → bo"]
    );
    assert_eq!(t.pass(DAY), Vec::<String>::new());
}

#[test]
fn a_run_after_a_debounce_counts_as_living_too() {
    let mut t = Bench::new(
        r#"
flow f on chat.message limit 1 by sender else { reply("busy") } debounce 1s by sender { wait(1m) }
"#,
    );
    t.message("ana", "one");
    assert_eq!(starts(&t.pass(SECOND)), ["starts f"]);
    let said = t.message("ana", "two");
    assert!(said.iter().any(|w| w == "reply busy → ana"), "{said:?}");
    assert_eq!(t.pass(SECOND), Vec::<String>::new());

    let mut t = Bench::new(
        r#"
flow f on chat.message limit 1 by conversation else { reply("busy") } debounce 1s by sender { wait(1m) }
"#,
    );
    t.message_in("room", "ana", "one");
    t.message_in("room", "bo", "two");
    let said = t.pass(SECOND);
    assert_eq!(starts(&said), ["starts f", "drops f: Limit(0)", "starts f else", "reply busy → room"]);
}

#[test]
fn dedupe_remembers_its_key() {
    let mut t = Bench::new(r#"flow f on chat.message dedupe message.text for 1h { reply("new") }"#);
    assert_eq!(t.message("ana", "a")[0], "starts f");
    assert_eq!(t.message("bo", "a"), ["drops f: Dedupe"]);
    assert_eq!(t.message("bo", "b")[0], "starts f");
    t.crash();
    assert_eq!(t.message("bo", "a"), ["drops f: Dedupe"]);
    t.pass(60 * MINUTE);
    assert_eq!(t.message("bo", "a")[0], "starts f");
}

#[test]
fn serial_runs_go_one_after_the_other_in_the_order_in_which_they_came() {
    let mut t = Bench::new(
        r#"
flow f on chat.message serial by sender timeout 1h {
  reply("begin {message.text}")
  wait(1m)
  reply("end {message.text}")
}
"#,
    );
    assert_eq!(starts(&t.message("ana", "1")), ["starts f", "reply begin 1 → ana"]);
    assert_eq!(starts(&t.message("ana", "2")), ["queues f"]);
    assert_eq!(starts(&t.message("ana", "3")), ["queues f"]);
    t.pass(SECOND);
    assert_eq!(starts(&t.message("bo", "1")), ["starts f", "reply begin 1 → bo"], "another lane");
    t.crash();
    assert_eq!(starts(&t.pass(59 * SECOND)), ["reply end 1 → ana", "lets in f", "reply begin 2 → ana"]);
    assert_eq!(starts(&t.pass(SECOND)), ["reply end 1 → bo"]);
    assert_eq!(starts(&t.pass(59 * SECOND)), ["reply end 2 → ana", "lets in f", "reply begin 3 → ana"]);
    t.pass(MINUTE);
    assert!(t.core.state().runs.is_empty());
    assert!(t.core.state().lanes.is_empty(), "nobody is in a lane");
}

#[test]
fn two_flows_may_share_a_lane() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text == "f" serial orders by sender timeout 1h { wait(1m) }
flow g on chat.message where message.text == "g" serial orders by sender timeout 1h { wait(1m) }
"#,
    );
    assert_eq!(t.message("ana", "f"), ["starts f"]);
    assert_eq!(t.message("ana", "g"), ["queues g"]);
    assert_eq!(t.pass(MINUTE), ["f succeeded", "lets in g"]);
}

#[test]
fn serial_or_drop_drops_and_or_replace_replaces() {
    let mut t = Bench::new(
        r#"
flow dropping on chat.message where message.text == "d" serial by sender or drop timeout 1h { wait(1m) }
flow replacing on chat.message where message.text starts with "r" serial by sender or replace timeout 1h {
  reply("begin {message.text}")
  wait(1m)
} on cancel { reply("replaced {message.text}") }
"#,
    );
    t.message("ana", "d");
    assert_eq!(t.message("ana", "d"), ["drops dropping: LaneBusy"]);
    t.message("ana", "r1");
    assert_eq!(
        t.message("ana", "r2"),
        [
            "queues replacing",
            "reply replaced r1 → ana",
            "replacing was cancelled: replaced by a later one",
            "lets in replacing",
            "reply begin r2 → ana"
        ]
    );
    assert_eq!(t.pass(MINUTE), ["dropping succeeded", "replacing succeeded"]);
}

#[test]
fn those_that_wait_are_replaced_without_having_begun() {
    let mut t = Bench::new(
        r#"
flow f on chat.message serial by sender or replace timeout 1h {
  reply("begin {message.text}")
  wait(1m)
} on cancel { wait(10s) }
"#,
    );
    t.message("ana", "1");
    assert_eq!(t.message("ana", "2"), ["queues f"], "the first one takes its time to end");
    assert_eq!(t.message("ana", "3"), ["skips f: Replaced", "queues f"]);
    assert_eq!(
        t.pass(10 * SECOND),
        ["f was cancelled: replaced by a later one", "lets in f", "reply begin 3 → ana"]
    );
}

#[test]
fn a_lane_is_bounded() {
    let mut t = Bench::new(r#"flow f on chat.message serial by sender timeout 1d { wait(1h) }"#);
    t.message("ana", "0");
    let bound = carapace_engine::state::Lanes::BOUND;
    // One by one without looking at everything each time: that is done in the end.
    for _ in 0..bound {
        let event = t.said("ana", None, "more");
        t.core.event(t.now, event);
    }
    t.go();
    assert_eq!(t.core.state().runs.len(), bound + 1);
    assert_eq!(t.message("ana", "one too many"), ["drops f: LaneFull"]);
    assert_eq!(t.message("bo", "elsewhere"), ["starts f"]);
}

#[test]
fn a_guard_on_state_is_judged_when_the_run_leaves_its_lane() {
    let mut t = Bench::new(
        r#"
state open: Bool = true
flow f on chat.message where open serial by sender timeout 1h {
  wait(1m)
  set open = false
}
"#,
    );
    assert_eq!(t.message("ana", "1"), ["starts f"]);
    assert_eq!(t.message("ana", "2"), ["queues f"]);
    assert_eq!(t.message("ana", "3"), ["queues f"]);
    assert_eq!(t.pass(MINUTE), ["f succeeded", "skips f: Guard", "skips f: Guard"]);
    assert!(t.core.state().lanes.is_empty(), "nobody is in a lane");
    assert_eq!(t.message("ana", "4"), Vec::<String>::new());
}

#[test]
fn a_timeout_is_a_failure_counted_from_the_runs_start() {
    let mut t = Bench::new(
        r#"
flow f on chat.message serial by sender timeout 1m {
  reply("begin") undo { reply("undone") }
  wait(1h)
} on failure error {
  reply("{error.kind == ErrorKind.timeout}")
  reply("and more")
}
"#,
    );
    t.message("ana", "1");
    t.pass(30 * SECOND);
    t.message("ana", "2");
    assert_eq!(
        t.pass(30 * SECOND),
        [
            "reply undone → ana",
            "reply true → ana",
            "reply and more → ana",
            "f failed: it took too long",
            "lets in f",
            "reply begin → ana"
        ]
    );
    assert_eq!(t.pass(59 * SECOND), Vec::<String>::new(), "the second has its own minute");
    assert_eq!(t.pass(SECOND)[0], "reply undone → ana");
    assert!(t.core.state().timers.iter().next().is_none(), "no timer is left");
}

#[test]
fn the_word_of_whoever_started_it_cancels() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text == "go" cancellable by "stop", "halt" {
  reply("begin") undo { reply("undone") }
  wait(1h)
} on cancel { reply("cancelled") }
flow talk on chat.message where message.text == "stop" { reply("nothing to stop") }
"#,
    );
    t.message("ana", "go");
    assert_eq!(starts(&t.message("bo", "stop")), ["starts talk", "reply nothing to stop → bo"]);
    assert_eq!(starts(&t.message_in("room", "ana", "stop")), ["starts talk", "reply nothing to stop → room"]);
    assert_eq!(
        t.message("ana", "  Stop "),
        ["reply undone → ana", "reply cancelled → ana", "f was cancelled: `stop`"]
    );
    assert_eq!(starts(&t.message("ana", "stop")), ["starts talk", "reply nothing to stop → ana"]);
}

#[test]
fn the_word_that_stops_is_heard_whatever_is_in_the_way() {
    let mut t = Bench::new(
        r#"
flow guardian on chat.message where message.text != "go" filter { return drop }
flow f on chat.message where message.text == "go" serial by sender timeout 1d cancellable by "stop" {
  wait(1h)
}
"#,
    );
    t.message("ana", "go");
    for _ in 0..carapace_engine::state::Lanes::BOUND {
        let event = t.said("ana", None, "go");
        t.core.event(t.now, event);
    }
    t.go();
    assert_eq!(t.message("ana", "go"), ["drops f: LaneFull"]);
    t.message("ana", "/stop@our_bot");
    assert!(t.core.state().runs.is_empty(), "{:?}", t.living());
}

#[test]
fn a_run_that_waits_for_a_person_hears_the_word_that_stops() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text == "go" cancellable by "stop" {
  send("pay", to: oncall) at most once
  reply("paid")
} on cancel { reply("stopped") }
"#,
    );
    t.quick = false;
    t.message("ana", "go");
    t.crash();
    assert_eq!(t.living(), ["f running, settling"], "nobody knows whether `pay` happened");
    t.message("ana", "/stop");
    assert_eq!(t.living(), ["f ending, settling"], "it ends when somebody has found out");
}

#[test]
fn one_that_is_left_alone_gives_its_lane_away_when_its_timeout_is_over_and_can_be_tried_again() {
    let mut t = Bench::new(
        "flow f on chat.message serial by sender timeout 1h {\n  wait(1m)\n  reply(\"{message.text} done\")\n}",
    );
    t.message("ana", "1");
    t.message("ana", "2");
    let mut runs: Vec<_> = t.core.state().runs.iter().map(|run| (run.released.is_none(), run.id)).collect();
    runs.sort_unstable();
    let first = runs[0].1;
    // The process has ended three times while it carried out the first.
    for _ in 0..3 {
        t.submit(Input::Crashed { run: first });
        t.crash();
    }
    assert!(t.pass(2 * MINUTE).is_empty(), "its time has come, and nobody touches it");
    assert_eq!(t.core.state().runs.get(first).unwrap().crashes, 3);
    let said = t.pass(HOUR);
    assert!(said.iter().any(|w| w == "reply 2 done → ana"), "{said:?}");
    let said = t.submit(Input::Retry { run: first });
    assert!(said.iter().any(|w| w == "reply 1 done → ana"), "what it was told lay in its inbox: {said:?}");
}
