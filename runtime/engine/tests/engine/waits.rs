//! Waits for the world: await, listen, ask, ask_who, approve; timers and deadlines.

use crate::bench::{Bench, DAY, HOUR, MINUTE, SECOND, bindings, channel_event, module};
use carapace_effect::FailureKind;
use carapace_engine::{Binding, Deploy, Event, Input, Reported};
use serde_json::json;
use std::collections::BTreeMap;

fn said(said: &[String]) -> Vec<&str> {
    said.iter()
        .map(String::as_str)
        .filter(|w| !w.starts_with("starts") && !w.ends_with("succeeded"))
        .collect()
}

const ASK: &str = r#"
flow f on chat.message where message.text starts with "go" {
  let answer = ask("Sure?", choices: ["yes", "no"]) within 1h else "nobody"
  reply("answered {answer}")
}
flow talk on chat.message where message.text != "go" { reply("talk {message.text}") }
"#;

#[test]
fn a_question_takes_its_answer_from_the_right_person_in_the_right_place() {
    let mut t = Bench::new(ASK);
    t.message_in("room", "ana", "go");
    assert_eq!(said(&t.message_in("room", "bo", "yes")), ["reply talk yes → room"], "another person");
    assert_eq!(
        said(&t.message_in("other", "ana", "yes")),
        ["reply talk yes → other"],
        "another conversation"
    );
    assert_eq!(said(&t.message_in("room", "ana", "perhaps")), ["reply talk perhaps → room"], "no answer");
    assert_eq!(said(&t.message_in("room", "ana", " YES ")), ["reply answered yes → room"]);
    assert_eq!(said(&t.message_in("room", "ana", "yes")), ["reply talk yes → room"], "it was answered");
}

#[test]
fn a_choice_may_be_pressed_or_given_by_its_number() {
    let mut t = Bench::new(ASK);
    t.quick = false;
    t.message("ana", "go");
    let buttons = t.act("ask").buttons.clone();
    assert_eq!(buttons.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>(), ["yes", "no"]);
    assert_eq!(t.press("bo", &buttons, 0), Vec::<String>::new(), "not theirs to press");
    let after = t.press("ana", &buttons, 1);
    assert!(after.contains(&"reply answered no → ana".to_owned()), "{after:?}");
    assert_eq!(t.press("ana", &buttons, 0), Vec::<String>::new(), "an old button does nothing");
    let mut t = Bench::new(ASK);
    t.message("ana", "go");
    assert_eq!(said(&t.message("ana", "2.")), ["reply answered no → ana"]);
}

#[test]
fn an_answer_may_come_before_the_questions_own_send_was_confirmed() {
    let mut t = Bench::new(ASK);
    t.quick = false;
    t.message("ana", "go");
    assert_eq!(said(&t.message("ana", "yes")), ["reply answered yes → ana"]);
    // The send fails after all: that is of no interest any more.
    assert_eq!(t.failed("ask", FailureKind::Refused), Vec::<String>::new());
    assert_eq!(t.done("reply answered"), ["f succeeded"]);
}

#[test]
fn a_question_that_cannot_be_put_has_failed() {
    let mut t = Bench::new(ASK);
    t.quick = false;
    t.message("ana", "go");
    assert_eq!(said(&t.failed("ask", FailureKind::Refused)), ["reply answered nobody → ana"]);
}

#[test]
fn a_question_ends_at_its_deadline_once_and_not_before() {
    let mut t = Bench::new(ASK);
    t.message("ana", "go");
    assert_eq!(t.pass(HOUR - 1), Vec::<String>::new());
    t.crash();
    assert_eq!(said(&t.pass(1)), ["reply answered nobody → ana"]);
    assert_eq!(said(&t.message("ana", "yes")), ["reply talk yes → ana"], "it is too late");
    assert_eq!(t.pass(DAY), Vec::<String>::new());
}

#[test]
fn what_is_no_answer_is_asked_again_that_many_times() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text == "go" {
  let n = ask<Int>("How many?", reask: 2) else 0
  reply("{n}")
}
flow talk on chat.message where message.text != "go" { reply("talk") }
"#,
    );
    t.message("ana", "go");
    assert_eq!(t.message("ana", "few"), ["ask How many? → ana"]);
    assert_eq!(t.message("ana", "many"), ["ask How many? → ana"]);
    assert_eq!(said(&t.message("ana", "7")), ["reply 7 → ana"]);
    t.message("ana", "go");
    t.message("ana", "few");
    t.message("ana", "many");
    assert_eq!(said(&t.message("ana", "lots")), ["reply 0 → ana"]);
}

#[test]
fn whoever_answers_wrongly_is_asked_again_where_they_are() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text == "go" {
  let who = ask_who<Int>("How many?", to: managers, reask: 1) else { return }
  reply("{who.by.name} says {who.value}")
}
"#,
    );
    assert_eq!(said(&t.message("ana", "go")), ["ask_who How many? → @bo", "ask_who How many? → @cy"]);
    assert_eq!(t.message("cy", "few"), ["ask_who How many? → @cy"]);
    assert_eq!(said(&t.message("bo", "5")), ["reply bo says 5 → ana"]);
}

#[test]
fn a_person_whom_nobody_knows_may_not_be_answered_for_by_everybody() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text == "go" {
  let boss = User { id: "boss", name: "boss", channel: "main.elsewhere" }
  let answer = ask("Sure?", from: boss) else e { "{e.kind == ErrorKind.unavailable}" }
  reply(answer)
  let more = await chat.message from boss within 1m else e {
    reply("{e.kind == ErrorKind.unavailable}")
    return
  }
}
flow talk on chat.message where message.text != "go" { reply("talk") }
"#,
    );
    assert_eq!(said(&t.message("ana", "go")), ["reply true → ana", "reply true → ana"]);
}

#[test]
fn approvals_need_different_people_and_never_the_one_who_asked() {
    let source = r#"
flow f on chat.message where message.text == "go" {
  let decision = approve("Pay?", by: managers, count: 2) within 1d else e {
    reply("nobody: {e.message}")
    return
  }
  reply("{decision.approved} by {decision.by.map(u => u.name).join(" ")}: {decision.reason ?? ""}")
}
flow talk on chat.message where message.text != "go" { reply("talk") }
"#;
    let mut t = Bench::new(source);
    assert_eq!(
        said(&t.message("ana", "go")),
        ["approve Pay? [approve|refuse] → @bo", "approve Pay? [approve|refuse] → @cy"]
    );
    assert_eq!(said(&t.message("dy", "yes")), ["reply talk → dy"], "who does not belong to them has no say");
    assert_eq!(said(&t.message_in("room", "bo", "yes")), ["reply talk → room"], "nor has anybody elsewhere");
    assert_eq!(t.message("bo", "yes"), Vec::<String>::new());
    assert_eq!(t.message("bo", "yes"), Vec::<String>::new(), "twice is once");
    t.crash();
    assert_eq!(said(&t.message("cy", "ok!")), ["reply true by bo cy:  → ana"]);

    t.message("ana", "go");
    assert_eq!(said(&t.message("cy", "no too dear")), ["reply false by : too dear → ana"]);

    let said_by_bo = t.message("bo", "go");
    assert_eq!(
        said(&said_by_bo),
        ["reply nobody: group `main.managers` has not enough people who may agree → bo"]
    );
}

#[test]
fn an_await_sees_only_what_its_where_accepts() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text == "go" {
  let wanted = "b"
  let more = await chat.message from anyone where it.message.text starts with wanted
  reply("{more.sender.name}: {more.message.text}")
}
flow talk on chat.message where message.text != "go" { reply("talk") }
"#,
    );
    t.message_in("room", "ana", "go");
    assert_eq!(said(&t.message_in("room", "bo", "a")), ["reply talk → room"]);
    assert_eq!(said(&t.message_in("other", "bo", "b")), ["reply talk → other"], "in its own conversation");
    assert_eq!(said(&t.message_in("room", "bo", "b1")), ["reply bo: b1 → room"]);
}

#[test]
fn a_listener_buffers_what_comes_while_the_block_is_busy() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text == "go" {
  listen chat.message as inbox {
    wait(1m)
    let first = inbox.next()
    let second = inbox.next()
    let third = inbox.next() within 1h else { return }
    reply("{first.message.text} {second.message.text} {third.message.text}")
  }
}
flow talk on chat.message where message.text != "go" { reply("talk") }
"#,
    );
    t.message("ana", "go");
    assert_eq!(t.message("ana", "one"), Vec::<String>::new());
    assert_eq!(t.message("ana", "two"), Vec::<String>::new());
    assert_eq!(said(&t.message("bo", "other")), ["reply talk → bo"]);
    t.crash();
    assert_eq!(t.pass(MINUTE), Vec::<String>::new());
    assert_eq!(said(&t.message("ana", "three")), ["reply one two three → ana"]);
    assert_eq!(said(&t.message("ana", "four")), ["reply talk → ana"]);
}

#[test]
fn a_buffer_is_bounded_and_what_it_does_not_take_is_for_others() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text == "go" {
  listen chat.message as inbox { wait(1d) }
}
flow talk on chat.message where message.text != "go" { reply("talk") }
"#,
    );
    t.message("ana", "go");
    for _ in 0..carapace_engine::stored::Operation::BUFFER {
        let event = t.said("ana", None, "more");
        t.core.event(t.now, event);
    }
    assert_eq!(t.go(), Vec::<String>::new());
    assert_eq!(said(&t.message("ana", "one too many")), ["reply talk → ana"]);
}

#[test]
fn a_wait_survives_and_ends_neither_early_nor_twice() {
    let mut t = Bench::new(r#"flow f on chat.message { wait(3d) as cooling  reply("done") }"#.replace("  reply", "\n  reply").as_str());
    t.message("ana", "go");
    for _ in 0..3 {
        assert_eq!(t.pass(DAY - 1), Vec::<String>::new());
        t.crash();
    }
    assert_eq!(said(&t.pass(3)), ["reply done → ana"]);
    assert_eq!(t.pass(3 * DAY), Vec::<String>::new());
}

#[test]
fn a_clock_that_is_set_back_ends_no_wait_early() {
    let mut t = Bench::new("flow f on chat.message {\n  wait(1h)\n  reply(\"done\")\n}");
    t.message("ana", "go");
    t.now -= DAY;
    assert_eq!(t.go(), Vec::<String>::new());
    assert_eq!(t.pass(HOUR), Vec::<String>::new());
    assert_eq!(said(&t.pass(DAY)), ["reply done → ana"]);
}

fn deaf(t: &mut Bench, caught_up: bool) -> Vec<String> {
    t.submit(Input::Channel { account: "net".into(), caught_up })
}

/// The answer, given at a time that the channel knows.
fn answer_at(t: &mut Bench, at: i64, text: &str) -> Event {
    let mut event = t.said("ana", None, text);
    event.at = Some(at);
    event
}

#[test]
fn a_deadline_waits_for_a_channel_that_does_not_hear_until_it_does() {
    let mut t = Bench::new(ASK);
    t.message("ana", "go");
    let asked = t.now;
    t.pass(HOUR - 30 * SECOND);
    deaf(&mut t, false);
    assert_eq!(t.pass(MINUTE), Vec::<String>::new(), "it is over time, but the answer may lie there");
    let late = answer_at(&mut t, asked + HOUR + 1, "no");
    assert_eq!(said(&t.event(late)), ["reply talk no → ana"], "it was given too late");
    let in_time = answer_at(&mut t, asked + HOUR - 1, "yes");
    assert_eq!(said(&t.event(in_time)), ["reply answered yes → ana"], "it was given in time");
    deaf(&mut t, true);
    assert_eq!(t.pass(DAY), Vec::<String>::new());
}

#[test]
fn a_deadline_passes_when_the_channel_has_caught_up_or_after_a_while() {
    let mut t = Bench::new(ASK);
    t.message("ana", "go");
    t.pass(HOUR - 30 * SECOND);
    deaf(&mut t, false);
    t.pass(MINUTE);
    t.crash_deaf();
    assert_eq!(said(&deaf(&mut t, true)), ["reply answered nobody → ana"]);

    t.message("ana", "go");
    deaf(&mut t, false);
    assert_eq!(t.pass(HOUR + 59 * SECOND), Vec::<String>::new());
    assert_eq!(said(&t.pass(SECOND)), ["reply answered nobody → ana"], "a channel may be away for ever");
}

#[test]
fn after_a_long_sleep_deadlines_wait_for_what_piled_up() {
    let mut t = Bench::new(ASK);
    t.message("ana", "go");
    let asked = t.now;
    // The process was away for two hours; no channel hears yet.
    t.now += 2 * HOUR;
    assert_eq!(t.crash_deaf(), Vec::<String>::new());
    let in_time = answer_at(&mut t, asked + MINUTE, "yes");
    assert_eq!(said(&t.event(in_time)), ["reply answered yes → ana"]);
}

#[test]
fn a_plain_wait_and_other_channels_deadlines_wait_for_nobody() {
    let mut t = Bench::new(
        r#"
flow plain on chat.message where message.text == "plain" {
  wait(1m)
  reply("waited")
}
flow model on chat.message where message.text == "model" {
  let word = desk.ask("?") within 1m else "late"
  reply(word)
}
"#,
    );
    t.message("ana", "plain");
    t.message("ana", "model");
    deaf(&mut t, false);
    let after = t.pass(MINUTE);
    assert!(after.contains(&"reply waited → ana".to_owned()), "{after:?}");
    assert!(after.contains(&"reply late → ana".to_owned()), "{after:?}");
}

#[test]
fn a_timeout_waits_for_the_channel_too() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text == "go" timeout 1m {
  let answer = ask("Sure?")
  reply("answered {answer}")
} on failure { reply("too late") }
"#,
    );
    t.message("ana", "go");
    let asked = t.now;
    deaf(&mut t, false);
    assert_eq!(t.pass(MINUTE + 30 * SECOND), Vec::<String>::new());
    let in_time = answer_at(&mut t, asked + 1, "yes");
    assert_eq!(said(&t.event(in_time)), ["reply answered yes → ana"]);
    deaf(&mut t, true);

    t.message("ana", "go");
    deaf(&mut t, false);
    t.pass(MINUTE + 30 * SECOND);
    assert_eq!(said(&deaf(&mut t, true)), ["reply too late → ana", "f failed: it took too long"]);
}

#[test]
fn a_late_answer_of_a_model_is_of_no_interest() {
    let mut t = Bench::new(
        r#"
flow f on chat.message {
  let word = desk.ask("?") within 1m else "late"
  reply(word)
}
"#,
    );
    t.message("ana", "go");
    let said_then = t.pass(MINUTE);
    assert_eq!(said(&said_then), ["lets go of ask ?", "reply late → ana"]);
    assert_eq!(t.report("ask", Reported::Done(json!("in the end"))), ["f succeeded"], "then all is settled");
}

#[test]
fn who_is_bound_to_nothing_cannot_be_asked() {
    let source = module(
        r#"
flow f on chat.message {
  let answer = ask("Sure?", to: oncall) else e { e.message }
  reply(answer)
}
"#,
    );
    let mut t = Bench::empty();
    let mut bound: BTreeMap<_, _> = bindings();
    bound.remove("main.oncall");
    let deploy = Deploy { module: source.to_bytes().into(), settings: BTreeMap::new(), bindings: bound };
    t.submit(Input::Deploy(Box::new(deploy)));
    assert_eq!(said(&t.message("ana", "go")), ["reply room `main.oncall` is not bound → ana"]);
}

#[test]
fn a_channel_of_several_accounts_waits_where_the_run_is() {
    let source = module(ASK);
    let mut t = Bench::empty();
    let mut bound = bindings();
    bound.insert("main.chat".into(), Binding::Channel { accounts: vec!["net".into(), "other".into()] });
    let deploy = Deploy { module: source.to_bytes().into(), settings: BTreeMap::new(), bindings: bound };
    t.submit(Input::Deploy(Box::new(deploy)));
    t.message("ana", "go");
    let mut elsewhere = t.said("ana", None, "yes");
    let origin = elsewhere.origin.as_mut().unwrap();
    origin.account = "other".into();
    elsewhere.kind = channel_event("x1", "message", "ana", None, 0, vec![]).kind;
    if let carapace_engine::EventKind::Channel { account, .. } = &mut elsewhere.kind {
        *account = "other".into();
    }
    let told = t.event(elsewhere);
    assert!(said(&told).iter().all(|word| word.starts_with("reply talk")), "another ana: {told:?}");
    assert_eq!(said(&t.message("ana", "yes")), ["reply answered yes → ana"]);
}
