//! The life of operations: requested, started, outcome; retries; late, unknown, resolved; crashes.

use crate::bench::{Bench, DAY, HOUR, MINUTE, SECOND, module, words_of};
use carapace_effect::{Failure, FailureKind};
use carapace_engine::{Input, Reply, Report, Reported, Resolution};
use carapace_module::Value;
use carapace_module::signature::DeliveryClass;
use serde_json::json;

fn of_f(said: &[String]) -> Vec<&str> {
    said.iter().map(String::as_str).filter(|w| !w.starts_with("starts")).collect()
}

fn slow(source: &str) -> Bench {
    let mut t = Bench::new(source);
    t.quick = false;
    t
}

#[test]
fn an_act_leaves_with_its_line_and_its_outcome_goes_on() {
    let mut t = slow(
        r#"flow f on chat.message { let m = reply("hi")
      send(m.id, to: oncall) }"#
            .replace("to: oncall) }", "to: oncall)\n}")
            .as_str(),
    );
    assert_eq!(t.message("ana", "go"), ["starts f", "reply hi → ana"]);
    let act = t.act("reply");
    assert_eq!((act.attempt, act.again), (1, false));
    assert_eq!(t.done("reply"), ["send m → oncall"]);
    assert_eq!(t.done("send"), ["f succeeded"]);
    // Heard twice, or of something that nobody did: nothing happens.
    for attempt in [0, 1, 2, 99] {
        let report = Report { act: act.id.clone(), attempt, outcome: Reported::Done(json!({})) };
        assert_eq!(t.submit(Input::Report(Box::new(report))), Vec::<String>::new());
        assert_eq!(t.reply, Some(Reply::Done));
    }
}

#[test]
fn an_answer_of_another_type_is_a_failure() {
    let mut t = slow(
        r#"
flow f on chat.message {
  let n = desk.extract<Int>("?") else e { if e.kind == ErrorKind.invalid { -1 } else { -2 } }
  reply("{n}")
}
"#,
    );
    t.message("ana", "go");
    assert_eq!(t.report("extract", Reported::Done(json!("seven"))), ["reply -1 → ana"]);
}

#[test]
fn retry_waits_longer_each_time_with_jitter_and_honours_the_platform() {
    let mut t = slow(
        r#"
flow f on chat.message {
  let word = desk.ask("?") retry 3 backoff 1s..1m else "given up"
  reply(word)
}
"#,
    );
    t.message("ana", "go");
    let key = t.act("ask").key.clone();
    for (low, high) in [(500, 1_000), (1_000, 2_000)] {
        assert_eq!(t.failed("ask", FailureKind::Transient), Vec::<String>::new());
        let pause = t.core.next_due().unwrap() - t.now;
        assert!((low..=high).contains(&pause), "{pause}");
        assert_eq!(t.pass(high), ["ask ?"]);
        assert_ne!(t.act("ask").key, key, "a retry after a known failure is another request");
        assert!(!t.act("ask").again);
    }
    let limited = Failure { kind: FailureKind::Limited, message: "slow".into(), retry_after: Some(600_000) };
    assert_eq!(t.report("ask", Reported::Failed(limited)), Vec::<String>::new());
    assert_eq!(t.pass(10 * MINUTE - 1), Vec::<String>::new(), "not before the other side allows it");
    assert_eq!(t.pass(1), ["ask ?"]);
    assert_eq!(t.failed("ask", FailureKind::Transient), ["reply given up → ana"]);
    t.done("reply");
    // What would fail again is not tried again.
    t.message("ana", "go");
    assert_eq!(t.failed("ask", FailureKind::Refused), ["reply given up → ana"]);
}

#[test]
fn a_backoff_survives_a_crash() {
    let mut t = slow(
        "flow f on chat.message {\n  let word = desk.ask(\"?\") retry 1 backoff 1m..1m else \"given up\"\n  reply(word)\n}",
    );
    t.message("ana", "go");
    t.failed("ask", FailureKind::Transient);
    assert_eq!(t.crash(), Vec::<String>::new());
    assert_eq!(t.pass(MINUTE), ["ask ?"]);
}

#[test]
fn what_may_be_doubled_is_sent_again_after_a_crash_under_its_key() {
    let mut t = slow("flow f on chat.message {\n  reply(\"hi\")\n  reply(\"there\")\n}");
    t.message("ana", "go");
    let before = t.act("reply hi");
    assert_eq!(t.crash(), ["reply hi → ana again"]);
    let after = t.act("reply hi");
    assert_eq!((after.attempt, &after.key), (2, &before.key));
    // The first attempt's answer comes after all: that it happened is true.
    let report = Report {
        act: before.id.clone(),
        attempt: 1,
        outcome: Reported::Done(json!({
            "channel": "net", "conversation": "ana", "id": "m"
        })),
    };
    assert_eq!(t.submit(Input::Report(Box::new(report))), ["reply there → ana"]);
}

#[test]
fn that_an_earlier_attempt_failed_says_nothing_about_the_later_one() {
    let mut t = slow("flow f on chat.message {\n  reply(\"hi\")\n}");
    t.message("ana", "go");
    let before = t.act("reply hi");
    t.crash();
    for outcome in [
        Reported::NotPerformed("gone".into()),
        Reported::Failed(Failure::new(FailureKind::Refused, "no")),
        Reported::Unknown("?".into()),
    ] {
        let report = Report { act: before.id.clone(), attempt: 1, outcome };
        assert_eq!(t.submit(Input::Report(Box::new(report))), Vec::<String>::new());
    }
    assert_eq!(t.done("reply"), ["f succeeded"]);
}

#[test]
fn what_may_not_be_doubled_is_unknown_after_a_crash_and_waits_for_a_person() {
    let mut t =
        slow("flow f on chat.message {\n  send(\"pay\", to: oncall) at most once\n  reply(\"paid\")\n}");
    t.message("ana", "go");
    let op = t.act("send").id.op.clone();
    assert_eq!(t.crash(), Vec::<String>::new());
    assert_eq!(t.crash(), Vec::<String>::new());
    assert_eq!(t.pass(30 * DAY), Vec::<String>::new());
    assert_eq!(t.living(), ["f running, settling"]);
    let run = t.run();
    let done = Value::record(vec![Value::text("net"), Value::text("oncall"), Value::text("m")]);
    let resolve = |op: &carapace_effect::OpId, outcome| Input::Resolve { run, op: op.clone(), outcome };
    assert_eq!(t.submit(resolve(&op, Resolution::Done(done.clone()))), ["reply paid → ana"]);
    t.submit(resolve(&op, Resolution::Done(done)));
    assert!(matches!(t.reply, Some(Reply::Rejected(_))), "once is enough");
    assert_eq!(t.done("reply"), ["f succeeded"]);
}

#[test]
fn a_person_may_also_say_that_it_did_not_happen() {
    let mut t = slow(
        r#"
flow f on chat.message {
  let word = do { send("pay", to: oncall) at most once
    "paid" } else "not paid"
  reply(word)
}
"#
        .replace("once\n    \"paid\" }", "once\n    \"paid\"\n  }")
        .replace("do { send", "do {\n    send")
        .as_str(),
    );
    t.message("ana", "go");
    let op = t.act("send").id.op.clone();
    t.crash();
    let outcome = Resolution::Failed(Failure::new(FailureKind::Refused, "it did not"));
    assert_eq!(t.submit(Input::Resolve { run: t.run(), op, outcome }), ["reply not paid → ana"]);
}

#[test]
fn a_late_word_about_what_was_unknown_goes_on_as_well() {
    let source = "flow f on chat.message {\n  send(\"pay\", to: oncall) at most once\n  reply(\"paid\")\n}";
    for (outcome, after) in [
        (Reported::Done(json!({"channel": "net", "conversation": "oncall", "id": "m"})), "reply paid → ana"),
        (Reported::Failed(Failure::new(FailureKind::Refused, "no")), "f failed: no"),
    ] {
        let mut t = slow(source);
        t.message("ana", "go");
        let act = t.act("send");
        assert_eq!(t.report("send", Reported::Unknown("?".into())), Vec::<String>::new());
        let report = Report { act: act.id.clone(), attempt: 1, outcome };
        assert_eq!(t.submit(Input::Report(Box::new(report))), [after]);
    }
}

#[test]
fn the_unknown_has_a_handler_and_the_run_is_over_when_it_is_resolved() {
    let mut t = slow(
        r#"
flow f on chat.message {
  send("pay", to: oncall) undo { send("take back", to: oncall) } at most once on unknown { reply("perhaps") }
  fail("no")
}
"#,
    );
    t.message("ana", "go");
    let op = t.act("send").id.op.clone();
    assert_eq!(t.report("send", Reported::Unknown("?".into())), ["reply perhaps → ana"]);
    assert_eq!(t.done("reply"), Vec::<String>::new());
    assert_eq!(t.living(), ["f running, settling"], "nobody knows yet whether something is to be taken back");
    let outcome = Resolution::Done(Value::None);
    assert_eq!(t.submit(Input::Resolve { run: t.run(), op, outcome }), ["send take back → oncall"]);
    assert_eq!(t.done("take back"), ["f failed: no"]);
}

#[test]
fn no_undo_runs_while_nobody_knows_what_became_of_a_later_step() {
    let source = r#"
flow f on chat.message cancellable by "stop" timeout 2d {
  send("one", to: oncall) undo { send("undo one", to: oncall) }
  send("two", to: oncall) undo { send("undo two", to: oncall) } at most once
  send("three", to: oncall)
}
"#;
    for (happened, cancelled) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut t = slow(source);
        t.message("ana", "go");
        t.done("one");
        let op = t.act("two").id.op.clone();
        t.crash();
        let said = if cancelled { t.message("ana", "stop") } else { t.pass(2 * DAY) };
        assert_eq!(said, Vec::<String>::new(), "`two` was started, and nobody knows whether it happened");
        t.crash();
        assert_eq!(t.pass(30 * DAY), Vec::<String>::new());
        let outcome = match happened {
            true => Resolution::Done(Value::None),
            false => Resolution::Failed(Failure::new(FailureKind::Refused, "it did not")),
        };
        let mut said = t.submit(Input::Resolve { run: t.run(), op, outcome });
        if happened {
            assert_eq!(said, ["send undo two → oncall"]);
            said = t.done("undo two");
        }
        assert_eq!(said, ["send undo one → oncall"], "newest first");
        let end = if cancelled { "f was cancelled: `stop`" } else { "f failed: it took too long" };
        assert_eq!(t.done("undo one"), [end]);
    }
}

#[test]
fn what_the_platform_recognises_is_repeated_only_while_it_does() {
    let mut keyed = module("flow f on chat.message {\n  send(\"pay\", to: oncall)\n  reply(\"paid\")\n}");
    for effect in keyed.effects.iter_mut().filter(|effect| &*effect.name == "chat.send") {
        effect.class = DeliveryClass::Keyed(HOUR);
    }
    let mut t = Bench::of(&keyed);
    t.quick = false;
    t.message("ana", "go");
    t.pass(HOUR - 1);
    assert_eq!(t.crash(), ["send pay → oncall again"]);
    t.pass(1);
    assert_eq!(t.crash(), Vec::<String>::new(), "by now it would be done twice");
    assert_eq!(t.living(), ["f running, settling"]);
}

#[test]
fn what_nobody_knows_is_sent_again_a_few_times_where_it_may_be() {
    let mut t = slow("flow f on chat.message {\n  reply(\"hi\")\n}");
    t.message("ana", "go");
    for attempt in 2..=5 {
        assert_eq!(t.report("reply", Reported::Unknown("?".into())), Vec::<String>::new());
        assert_eq!(t.crash(), Vec::<String>::new(), "it has its time: a crash does not hurry it");
        assert_eq!(t.pass(MINUTE), ["reply hi → ana again"]);
        assert_eq!(t.act("reply").attempt, attempt);
    }
    assert_eq!(t.report("reply", Reported::Unknown("?".into())), Vec::<String>::new());
    assert_eq!(t.pass(DAY), Vec::<String>::new());
    assert_eq!(t.living(), ["f running, settling"]);
}

#[test]
fn the_loser_of_a_race_that_succeeds_late_is_taken_back() {
    let mut t = slow(
        r#"
flow f on chat.message {
  race {
    a: send("slow", to: oncall) undo { send("take back", to: oncall) }
    b: desk.ask("quick")
  }
  reply("done")
}
"#,
    );
    t.message("ana", "go");
    let after = t.report("ask", Reported::Done(json!("!")));
    assert_eq!(of_f(&after), ["lets go of send slow → oncall", "reply done → ana"]);
    t.done("reply");
    assert_eq!(t.living(), ["f over, settling"]);
    assert_eq!(t.done("slow"), ["send take back → oncall"]);
    assert_eq!(t.crash(), ["send take back → oncall again"], "a crash inside of an undo");
    assert_eq!(t.done("take back"), ["f succeeded"]);
}

#[test]
fn an_outcome_after_a_timeout_and_after_a_cancel_is_taken_back() {
    let source = r#"
flow f on chat.message cancellable by "stop" {
  send("slow", to: oncall) within 1m undo { send("take back", to: oncall) }
  reply("sent")
}
"#;
    let mut t = slow(source);
    t.message("ana", "go");
    let after = t.pass(MINUTE);
    assert_eq!(of_f(&after), ["lets go of send slow → oncall"]);
    assert_eq!(t.living(), ["f over, settling"]);
    assert_eq!(t.done("slow"), ["send take back → oncall"]);
    assert_eq!(t.done("take back"), ["f failed: it took too long"]);

    let mut t = slow(source);
    t.message("ana", "go");
    let after = t.message("ana", "stop");
    assert_eq!(of_f(&after), ["lets go of send slow → oncall"]);
    assert_eq!(t.done("slow"), ["send take back → oncall"]);
    assert_eq!(t.done("take back"), ["f was cancelled: `stop`"]);
    // It failed late: then there is nothing to take back.
    let mut t = slow(source);
    t.message("ana", "go");
    t.message("ana", "stop");
    assert_eq!(t.failed("slow", FailureKind::Refused), ["f was cancelled: `stop`"]);
}

#[test]
fn an_undo_that_fails_parks_the_run_until_a_person_has_seen_to_it() {
    let mut t = slow(
        r#"
flow f on chat.message serial by sender timeout 1h {
  send("one", to: oncall) undo { send("undo one", to: oncall) }
  send("two", to: oncall) undo { send("undo two", to: oncall) retry 1 backoff 1s..1s }
  fail("no")
} on failure { reply("sorry") }
"#,
    );
    t.message("ana", "go");
    t.done("one");
    assert_eq!(t.done("two"), ["send undo two → oncall"]);
    t.failed("undo two", FailureKind::Transient);
    assert_eq!(t.pass(SECOND), ["send undo two → oncall"], "it has its own retries");
    assert_eq!(t.failed("undo two", FailureKind::Transient), Vec::<String>::new());
    t.message("ana", "next");
    let run = t.core.state().runs.iter().find(|run| run.frames.is_some()).unwrap();
    let op = run.operations.keys().next_back().unwrap().clone();
    let id = run.id;
    assert_eq!(t.crash(), Vec::<String>::new());
    // Its lane does not wait for the person.
    assert_eq!(t.pass(HOUR), ["lets in f", "send one → oncall"]);
    let outcome = Resolution::Done(Value::None);
    // The room has one message at a time.
    assert_eq!(t.submit(Input::Resolve { run: id, op, outcome }), Vec::<String>::new());
    assert_eq!(t.done("send one"), ["send undo one → oncall"]);
    assert_eq!(t.done("undo one"), ["send two → oncall", "reply sorry → ana"]);
    assert_eq!(t.done("sorry"), ["f failed: no"]);
}

#[test]
fn a_run_that_waits_for_a_person_leaves_its_lane_at_its_timeout() {
    let mut t = slow(
        r#"
flow f on chat.message serial by sender timeout 1h {
  send("pay {message.text}", to: oncall) at most once
}
"#,
    );
    t.message("ana", "1");
    t.report("pay 1", Reported::Unknown("?".into()));
    assert_eq!(t.message("ana", "2"), ["queues f"]);
    assert_eq!(t.pass(HOUR - 1), Vec::<String>::new());
    let after = t.pass(1);
    assert_eq!(after, ["lets in f", "lets go of send pay 1 → oncall", "send pay 2 → oncall"]);
    assert_eq!(t.done("pay 2"), ["f succeeded"]);
    assert_eq!(t.living(), ["f running, settling"], "the other is still there to be seen");
}

#[test]
fn a_send_to_a_group_is_one_act_each_and_one_outcome() {
    let mut t = slow(
        r#"
flow f on chat.message {
  send("all", to: managers) else e {
    reply("not all: {e.message}")
    return
  }
  reply("all")
}
"#,
    );
    assert_eq!(of_f(&t.message("ana", "go")), ["send all → @bo", "send all → @cy"]);
    assert_eq!(t.done("@bo"), Vec::<String>::new());
    assert_eq!(t.done("@cy"), ["reply all → ana"]);
    t.done("reply all");
    t.message("ana", "go");
    t.done("@bo");
    assert_eq!(t.failed("@cy", FailureKind::Refused), ["reply not all: no → ana"]);
}

#[test]
fn what_a_part_of_a_group_got_is_taken_back() {
    let mut t = slow(
        r#"
flow f on chat.message {
  send("all", to: managers) undo { send("never mind", to: managers) }
}
"#,
    );
    t.message("ana", "go");
    t.done("@bo");
    assert_eq!(t.failed("@cy", FailureKind::Refused), ["send never mind → @bo", "send never mind → @cy"]);
    t.done("never mind → @bo");
    assert_eq!(t.done("never mind → @cy"), ["f failed: no"]);
    // Where nobody got it there is nothing to take back.
    t.message("ana", "go");
    t.failed("@bo", FailureKind::Refused);
    assert_eq!(t.failed("@cy", FailureKind::Refused), ["f failed: no"]);
    // The parts of a long text are one act.
    let sent = json!({ "channel": "net", "conversation": "bo", "id": "m1" });
    t.message("ana", "go");
    let why = Failure::new(FailureKind::Refused, "only 1 of 3 parts went out");
    t.report("@bo", Reported::Partly(sent, why));
    assert_eq!(t.failed("@cy", FailureKind::Refused), ["send never mind → @bo", "send never mind → @cy"]);
}

#[test]
fn a_crash_between_any_two_lines_forgets_nothing_that_was_decided() {
    let source = r#"
flow f on chat.message {
  parallel {
    send("one", to: oncall)
    send("two", to: oncall)
  }
  reply("done")
}
"#;
    let mut whole = Bench::new(source);
    whole.message("ana", "go");
    for cut in 1..=whole.lines.len() {
        let mut t = Bench::new(source);
        t.lines = whole.lines[..cut].to_vec();
        let before = t.lines.len();
        let after = t.crash();
        let finished = t.core.state().finished.count;
        let accepted = t.lines.iter().flatten().filter(|r| matches!(r, carapace_engine::Record::Accepted(_)));
        assert_eq!(finished, accepted.count() as u64, "cut at {cut} of {before}: {after:?}");
        assert!(t.core.state().runs.is_empty());
    }
}

#[test]
fn an_act_says_all_that_a_performer_needs() {
    let mut t = slow("flow f on chat.message {\n  let answer = ask(\"Which?\", choices: [\"a\", \"b\"])\n}");
    t.message_in("room", "ana", "go");
    let act = t.act("ask");
    assert_eq!(words_of(&act), "ask Which? [a|b] → room");
    assert!(act.question && !act.approval);
    assert_eq!(act.origin.as_ref().and_then(|o| o.sender.clone()).as_deref(), Some("ana"));
    assert_eq!(&*act.flow, "main.f");
    assert!(act.key.len() == 32 && act.buttons.len() == 2);
}
