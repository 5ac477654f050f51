//! Runs as a whole: deploying, cancelling, starting one another, failing, state, schedules, webhooks.

use crate::bench::{Bench, DAY, HOUR, MINUTE, START, bindings, module, named, webhook};
use carapace_effect::RunId;
use carapace_engine::{Deploy, Event, EventKind, Input, Key, Reply};
use carapace_module::Value;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

fn of_f(said: &[String]) -> Vec<&str> {
    said.iter()
        .map(String::as_str)
        .filter(|w| !w.starts_with("starts") && !w.ends_with("succeeded"))
        .collect()
}

fn code(reply: Option<&Reply>) -> &'static str {
    match reply {
        Some(Reply::Rejected(rejection)) => rejection.code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_keeps_the_deployment_it_was_accepted_under() {
    let mut t = Bench::new("flow f on chat.message {\n  wait(1h)\n  reply(\"old\")\n}");
    t.message("ana", "1");
    t.deploy(&module("flow f on chat.message {\n  wait(1h)\n  reply(\"new\")\n}"));
    t.message("ana", "2");
    t.crash();
    let mut after = of_f(&t.pass(HOUR)).into_iter().map(str::to_owned).collect::<Vec<_>>();
    after.sort();
    assert_eq!(after, ["reply new → ana", "reply old → ana"]);
    t.deploy(&module("flow g on chat.message { reply(\"newest\") }"));
    assert_eq!(t.core.state().deployments.serving().count(), 1);
    assert_eq!(t.core.state().deployments.iter().count(), 3, "the two before are there to go back to");
    assert_eq!(of_f(&t.message("ana", "3")), ["reply newest → ana"]);
}

#[test]
fn the_same_again_is_no_new_deployment() {
    let module = module("flow f on chat.message { reply(\"hi\") }");
    let mut t = Bench::of(&module);
    let first = t.reply.clone();
    let lines = t.lines.len();
    t.deploy(&module);
    assert_eq!((t.reply.clone(), t.lines.len()), (first, lines));
}

#[test]
fn settings_are_given_or_have_defaults_and_nothing_else() {
    let source = module(
        r#"
setting name: Text
setting limit: Int = 2 + 3
flow f on chat.message { reply("{name} {limit}") }
"#,
    );
    let mut t = Bench::empty();
    t.deploy_with(&source, BTreeMap::new());
    assert_eq!(code(t.reply.as_ref()), "E0924");
    t.deploy_with(&source, BTreeMap::from([("main.name".into(), json!(7))]));
    assert_eq!(code(t.reply.as_ref()), "E0923");
    t.deploy_with(&source, BTreeMap::from([("main.other".into(), json!(7))]));
    assert_eq!(code(t.reply.as_ref()), "E0922");
    assert!(t.lines.is_empty(), "what is refused leaves no trace");
    t.deploy_with(&source, BTreeMap::from([("main.name".into(), json!("shop"))]));
    assert_eq!(of_f(&t.message("ana", "go")), ["reply shop 5 → ana"]);
    let garbage = Deploy { module: [1, 2, 3].into(), settings: BTreeMap::new(), bindings: bindings() };
    t.submit(Input::Deploy(Box::new(garbage)));
    assert_eq!(code(t.reply.as_ref()), "E0921");
    assert_eq!(of_f(&t.message("ana", "go")), ["reply shop 5 → ana"], "the old one serves on");
}

#[test]
fn a_state_keeps_its_type_while_it_has_values_or_may_get_some() {
    let of = |ty: &str, init: &str, more: &str| {
        module(&format!(
            "state score: {ty} = {init} by sender\nflow f on chat.message where message.text == \"go\" {{\n  {more}\n  set score = {init}\n}}"
        ))
    };
    let without = module("flow g on chat.message { reply(\"hi\") }");
    let mut t = Bench::of(&of("Int", "1", ""));
    t.deploy(&of("Text", "\"a\"", ""));
    t.deploy(&of("Int", "1", ""));
    t.message("ana", "go");
    let refused = of("Text", "\"a\"", "");
    t.deploy_with(&refused, BTreeMap::new());
    assert_eq!(code(t.reply.as_ref()), "E0925");
    t.deploy(&without);
    t.deploy_with(&refused, BTreeMap::new());
    assert_eq!(code(t.reply.as_ref()), "E0925", "also when a version without it was there in between");

    let mut t = Bench::of(&of("Int", "1", "wait(1h)"));
    t.message("ana", "go");
    t.deploy(&without);
    t.deploy_with(&refused, BTreeMap::new());
    assert_eq!(code(t.reply.as_ref()), "E0925", "a run that waits will write what it knows");
    t.pass(HOUR);
    t.deploy_with(&refused, BTreeMap::new());
    assert_eq!(code(t.reply.as_ref()), "E0925");
}

#[test]
fn a_withdrawn_package_gets_nothing_new_and_its_runs_go_on() {
    let mut t = Bench::new(
        "flow f on chat.message {\n  wait(1h)\n  reply(\"done\")\n}\nflow tick on every(1m) { send(\"tick\", to: oncall) }",
    );
    t.message("ana", "go");
    t.submit(Input::Withdraw { package: "main".into() });
    assert_eq!(t.message("ana", "again"), Vec::<String>::new());
    assert_eq!(t.pass(HOUR), ["reply done → ana", "f succeeded"]);
}

#[test]
fn cancelling_takes_back_and_a_second_cancel_changes_nothing() {
    let mut t = Bench::new(
        r#"
flow f on chat.message {
  reply("one") undo {
    wait(1m)
    reply("undone")
  }
  wait(1h)
} on cancel { reply("cancelled") }
"#,
    );
    t.message("ana", "go");
    let run = t.run();
    let cancel = || Input::Cancel { run, reason: "stop".into() };
    assert_eq!(t.submit(cancel()), Vec::<String>::new());
    assert_eq!(t.submit(cancel()), Vec::<String>::new(), "a cancel during the undo");
    assert_eq!(t.crash(), Vec::<String>::new(), "and a crash");
    assert_eq!(t.pass(MINUTE), ["reply undone → ana", "reply cancelled → ana", "f was cancelled: stop"]);
    t.submit(cancel());
    assert_eq!(code(t.reply.as_ref()), "E0910");
}

#[test]
fn a_run_that_has_not_begun_does_not_begin_after_a_cancel() {
    let mut t = Bench::new("flow f on chat.message { reply(\"never\") }");
    let event = t.said("ana", None, "go");
    t.core.event(t.now, event);
    let run = t.core.state().runs.iter().next().unwrap().id;
    t.core.submit(t.now, Input::Cancel { run, reason: "stop".into() });
    assert_eq!(of_f(&t.go()), ["f was cancelled: stop"]);
}

#[test]
fn runs_start_watch_and_end_one_another() {
    let mut t = Bench::new(
        r#"
state last: Run? = none
flow child(name: Text) {
  reply("hello {name}")
  wait(1h)
} on cancel { reply("child cancelled") }
flow f on chat.message where message.text == "go" {
  let run = start child("ana")
  set last = run
}
flow stop on chat.message where message.text == "end" {
  let run = last else { return }
  cancel(run, reason: "enough")
}
"#,
    );
    assert_eq!(of_f(&t.message("ana", "go")), ["reply hello ana → ana"]);
    assert_eq!(
        of_f(&t.message("ana", "end")),
        ["reply child cancelled → ana", "child was cancelled: enough"]
    );
    assert_eq!(
        of_f(&t.message("ana", "end")),
        Vec::<&str>::new(),
        "one that is over is as cancelled as can be"
    );
}

#[test]
fn a_performer_calls_a_tool_in_the_name_of_a_run() {
    let mut t = Bench::new(
        "tool double(n: Int) -> Int {\n  reply(\"doubling {n}\")\n  return n * 2\n}\nflow f on chat.message { wait(1h) }",
    );
    t.message("ana", "go");
    let parent = t.run();
    let call = |flow: &str, args: Vec<Value>| Input::Call { flow: flow.into(), args, parent };
    assert_eq!(of_f(&t.submit(call("main.double", vec![Value::Int(4)]))), ["reply doubling 4 → ana"]);
    assert!(matches!(t.reply, Some(Reply::Started(_))));
    for wrong in [call("main.double", Vec::new()), call("main.nothing", Vec::new())] {
        t.submit(wrong);
        assert_eq!(code(t.reply.as_ref()), "E0910");
    }
    let nobody = RunId(7);
    t.submit(Input::Call { flow: "main.double".into(), args: vec![Value::Int(1)], parent: nobody });
    assert_eq!(code(t.reply.as_ref()), "E0910");
}

#[test]
fn a_failure_is_told_once_and_never_goes_in_circles() {
    let mut t = Bench::new(
        r#"
flow f on chat.message { fail("no") }
flow fault on chat.command("fault") {
  let n = message.text.length() - 6
  reply("{1 / n}")
}
flow helper() { fail("again") }
flow told on failed(f), failed(fault), failed(told), failed(helper) {
  send("{flow}: {error.message}", to: oncall)
  start helper()
  fail("told failed too")
}
"#,
    );
    assert_eq!(
        of_f(&t.message("ana", "go")),
        ["f failed: no", "send main.f: no → oncall", "helper failed: again", "told failed: told failed too"]
    );
    let after = t.message("ana", "/fault");
    assert!(
        after.contains(&"send main.fault: division by zero, in `main.fault` → oncall".to_owned()),
        "{after:?}"
    );
}

#[test]
fn flows_that_set_off_one_another_for_ever_are_stopped() {
    let mut t = Bench::new(
        r#"
state count: Int = 0
flow ping on event("ping", Int) {
  set count = count + 1
  emit("pong", payload) else e { log(e.message) }
}
flow pong on event("pong", Int) { emit("ping", payload + 1) else e { log(e.message) } }
flow fork(n: Int) {
  let run = start fork(n + 1)
}
"#,
    );
    let after = t.event(named("ping", json!(1)));
    let said = after.iter().filter(|w| w.starts_with("log one event has set off too many others")).count();
    assert_eq!(said, 1, "{:?}", &after[after.len().saturating_sub(5)..]);
    assert_eq!(t.state("main.count"), ["[] = Int(5001)"]);
}

#[test]
fn a_run_that_starts_itself_for_ever_is_stopped() {
    let mut t = Bench::new(
        r#"
flow fork(n: Int) {
  let run = start fork(n + 1)
}
flow f on chat.message { fork(1) }
"#,
    );
    let after = t.message("ana", "go");
    assert!(after.iter().any(|w| w.starts_with("fork failed: one event has set off too many")));
    assert!(t.core.state().runs.is_empty());
}

#[test]
fn a_stretch_whose_state_another_has_changed_is_run_again() {
    let mut t = Bench::new(
        "state n: Int = 0\nflow f on chat.message {\n  let before = n\n  set n = before + 1\n  reply(\"{n}\")\n}",
    );
    let (one, two) = (t.said("ana", None, "a"), t.said("bo", None, "b"));
    t.core.event(t.now, one);
    t.core.event(t.now, two);
    // Both are advanced on the same state, as two workers would.
    let runs: Vec<RunId> = t.core.state().runs.iter().map(|run| run.id).collect();
    let ran: Vec<_> =
        runs.iter().map(|run| carapace_engine::advance(t.core.state(), *run, t.now, 7).unwrap()).collect();
    for ran in ran {
        t.core.submit(t.now, Input::Ran(Box::new(ran.clone())));
        // The same again is of a stretch that is past.
        t.core.submit(t.now, Input::Ran(Box::new(ran)));
    }
    let mut replies: Vec<String> = t.go().into_iter().filter(|w| w.starts_with("reply")).collect();
    replies.iter_mut().for_each(|reply| reply.truncate(7));
    replies.sort();
    assert_eq!(replies, ["reply 1", "reply 2"]);
    assert_eq!(t.state("main.n"), ["[] = Int(2)"]);
}

#[test]
fn what_is_kept_for_a_while_is_forgotten_after_its_last_write() {
    let mut t = Bench::new(
        "state n: Int = 0 by sender keep 1h\nflow f on chat.message {\n  set n = n + 1\n  reply(\"{n}\")\n}",
    );
    assert_eq!(of_f(&t.message("ana", "1")), ["reply 1 → ana"]);
    t.pass(HOUR - 1);
    assert_eq!(of_f(&t.message("ana", "2")), ["reply 2 → ana"]);
    t.pass(HOUR - 1);
    t.crash();
    assert_eq!(t.state("main.n").len(), 1);
    t.pass(1);
    assert!(t.state("main.n").is_empty());
    assert_eq!(of_f(&t.message("ana", "3")), ["reply 1 → ana"]);
    let set =
        Input::SetState { name: "main.n".into(), key: Key::of(&[Value::text("x")]), value: Value::Int(7) };
    t.submit(set);
    t.pass(HOUR);
    assert!(t.state("main.n").is_empty(), "also what was set from outside");
}

#[test]
fn a_webhook_is_answered_once_and_repeated_for_its_window() {
    let mut t = Bench::new(
        r#"
flow hook on webhook("/pay", body: Int) {
  respond(200, { "got": body })
  respond(500, "twice") else e { send(e.message, to: oncall) }
}
flow other on webhook("/pay", body: Int) {
  respond(201, "other") else e { send("other: {e.message}", to: oncall) }
}
"#
        .replace("{ \"got\": body }", "[\"got\": body]")
        .as_str(),
    );
    let after = t.event(webhook("/pay", Some("1"), json!(5)));
    assert_eq!(
        of_f(&after),
        [
            r#"responds 200 {"got":5}"#,
            "send other: the request was answered already → oncall",
            "send the request was answered already → oncall"
        ]
    );
    for _ in 0..50 {
        assert_eq!(t.event(webhook("/pay", Some("1"), json!(5))), Vec::<String>::new());
        let Some(Reply::Answered(answer)) = &t.reply else { panic!("{:?}", t.reply) };
        assert_eq!((answer.status, &answer.body), (200, &json!({"got": 5})));
    }
    t.crash();
    t.pass(7 * DAY - 1);
    t.event(webhook("/pay", Some("1"), json!(5)));
    assert!(matches!(t.reply, Some(Reply::Answered(_))));
    t.pass(1);
    assert!(of_f(&t.event(webhook("/pay", Some("1"), json!(5))))[0].contains("{\"got\":5}"));
    assert_eq!(t.core.state().answers.len(), 1, "the old answer is forgotten");
    // Without an id every call is one of its own.
    assert_eq!(of_f(&t.event(webhook("/pay", None, json!(1)))).len(), 3);
    assert_eq!(of_f(&t.event(webhook("/pay", None, json!(1)))).len(), 3);
    assert_eq!(t.core.state().answers.len(), 1);
}

#[test]
fn a_webhook_that_nobody_answers_is_a_duplicate_without_an_answer() {
    let mut t = Bench::new("flow hook on webhook(\"/x\", body: Json) { send(\"came\", to: oncall) }");
    t.event(webhook("/x", Some("1"), json!({})));
    t.event(webhook("/x", Some("1"), json!({})));
    assert_eq!(t.reply, Some(Reply::Duplicate));
    t.event(webhook("/y", Some("1"), json!({})));
    assert_eq!(t.reply, Some(Reply::Accepted), "another path, another request");
}

#[test]
fn what_is_nested_too_deep_is_refused_before_it_is_written() {
    let mut t = Bench::new("flow hook on webhook(\"/x\", body: Json) { respond(200, body) }");
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let after = t.event(webhook("/x", None, nested(60)));
    assert_eq!(of_f(&after).len(), 1, "{after:?}");
    let lines = t.lines.len();
    t.event(webhook("/x", None, nested(100)));
    assert_eq!(code(t.reply.as_ref()), "E0926");
    assert_eq!(t.lines.len(), lines);
}

#[test]
fn deep_values_of_flows_can_be_read_back() {
    let mut t = Bench::new(
        r#"
type Node { next: Node? }
state chain: Node = Node { next: none }
flow f on chat.message {
  repeat 300 { set chain = Node { next: chain } }
  wait(1m)
  let deep = chain
  let text = desk.ask("?") else "none"
  reply("{deep.next is some}")
}
"#,
    );
    t.message("ana", "go");
    t.pass(MINUTE);
    t.crash();
    assert_eq!(
        t.report("ask", carapace_engine::Reported::Done(json!("!"))),
        ["reply true → ana", "f succeeded"]
    );
}

#[test]
fn numbers_in_json_are_read_back_as_they_were() {
    let mut t = Bench::new("flow hook on webhook(\"/x\", body: Json) {\n  wait(1m)\n  respond(200, body)\n}");
    for number in [0.1, 1.1 * 3.3, 1e-7, 123_456.789_012_345_67, 5e-324, 1.797_693_134_862_315_7e308] {
        t.event(webhook("/x", None, json!([number])));
    }
    // The bench compares what is read back, byte for byte.
    assert_eq!(t.crash(), Vec::<String>::new());
    assert_eq!(of_f(&t.pass(MINUTE)).len(), 6);
}

fn slot_times(t: &mut Bench, ms: i64) -> Vec<String> {
    t.pass(ms).into_iter().filter(|w| w.starts_with("send")).collect()
}

#[test]
fn every_counts_from_the_deployment_and_goes_on_after_a_crash_and_a_redeploy() {
    let source = "flow tick on every(10m) { send(\"{(scheduled_at - from_unix(0)).milliseconds() / 60_000 % 60}\", to: oncall) }";
    let mut t = Bench::new(source);
    assert_eq!(slot_times(&mut t, 25 * MINUTE), ["send 10 → oncall", "send 20 → oncall"]);
    t.crash();
    t.deploy(&module(&format!("{source}\nflow g on chat.message {{ reply(\"hi\") }}")));
    assert_eq!(slot_times(&mut t, 10 * MINUTE), ["send 30 → oncall"], "it keeps its slots");
    // What passed while nobody was there is skipped; what came in the last minute is not.
    t.now += DAY + 5 * MINUTE;
    assert_eq!(of_f(&t.go()), ["send 40 → oncall"]);
    assert_eq!(slot_times(&mut t, 10 * MINUTE), ["send 50 → oncall"]);
}

#[test]
fn missed_slots_are_skipped_made_up_once_or_each() {
    let of = |missed: &str| {
        format!(
            "flow daily on cron(\"0 12 * * *\", missed: {missed}) {{ send(scheduled_at.format(\"%d\"), to: oncall) }}"
        )
    };
    for (missed, after) in [
        ("skip", vec![]),
        ("once", vec!["send 08 → oncall"]),
        ("all", vec!["send 05 → oncall", "send 06 → oncall", "send 07 → oncall", "send 08 → oncall"]),
    ] {
        let mut t = Bench::new(&of(missed));
        t.crash();
        assert_eq!(of_f(&t.sleep(4 * DAY)), after, "{missed}");
        assert_eq!(slot_times(&mut t, DAY), ["send 09 → oncall"], "{missed}: then as always");
        t.crash();
        assert_eq!(of_f(&t.go()), Vec::<&str>::new());
    }
}

#[test]
fn very_many_missed_slots_take_no_time() {
    let mut t = Bench::new(
        r#"
flow quick on cron("* * * * *", missed: all) { log("quick") }
flow quicker on every(1s) { log("quicker") }
"#,
    );
    let after = t.sleep(30 * 365 * DAY);
    assert!(after.iter().filter(|w| *w == "log quick").count() <= 1_002);
    assert!(after.iter().filter(|w| *w == "log quicker").count() <= 61);
}

#[test]
fn at_comes_once_and_late_rather_than_never() {
    let source = "flow once on at(moment(\"2026-01-05T12:00:00Z\")) { send(\"now\", to: oncall) }";
    let mut t = Bench::new(source);
    t.now += 10 * DAY;
    assert_eq!(of_f(&t.go()), ["send now → oncall"]);
    assert_eq!(slot_times(&mut t, 400 * DAY), Vec::<String>::new());
    let mut t = Bench::empty();
    t.now = START + DAY;
    t.deploy(&module(source));
    assert_eq!(slot_times(&mut t, 400 * DAY), Vec::<String>::new(), "a first deploy starts at its own time");
}

#[test]
fn a_slot_is_claimed_once_whoever_comes_to_it_and_whatever_the_clock_does() {
    let mut t = Bench::new(
        r#"
flow two on cron("0 12 * * *"), cron("0 12 * * mon") { send(scheduled_at.format("%d %H"), to: oncall) }
"#,
    );
    assert_eq!(slot_times(&mut t, 4 * HOUR), ["send 05 12 → oncall"], "Monday at twelve is one slot");
    // The clock is set back, and the schedule is deployed anew: twelve comes again.
    t.now -= 2 * HOUR;
    t.deploy(&module(
        "flow two on cron(\"0 12,13 * * *\") { send(scheduled_at.format(\"%d %H\"), to: oncall) }",
    ));
    assert_eq!(slot_times(&mut t, 3 * HOUR), ["send 05 13 → oncall"]);
    for _ in 0..20 {
        slot_times(&mut t, DAY);
    }
    assert!(t.core.state().claims.len() <= 20, "claims are kept eight days: {}", t.core.state().claims.len());
}

#[test]
fn daylight_saving_runs_a_doubled_time_once_and_a_skipped_one_at_the_gaps_end() {
    let times = |expression: &str, from: &str, days: i64| -> Vec<String> {
        let source = format!(
            "flow f on cron(\"{expression}\", zone: \"Europe/Berlin\") {{ send(scheduled_at.format(\"%d %H:%M\"), to: oncall) }}"
        );
        let mut t = Bench::empty();
        t.now = from.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        t.deploy(&module(&source));
        let said = slot_times(&mut t, days * DAY);
        said.iter().map(|w| w.trim_start_matches("send ").trim_end_matches(" → oncall").to_owned()).collect()
    };
    // 2026-03-29: clocks go from 02:00 to 03:00, which is 01:00 UTC.
    assert_eq!(times("30 2 * * *", "2026-03-28T00:00:00Z", 3), ["28 01:30", "29 01:00", "30 00:30"]);
    // 2026-10-25: clocks go from 03:00 back to 02:00, which is 01:00 UTC.
    assert_eq!(times("30 2 * * *", "2026-10-24T00:00:00Z", 3), ["24 00:30", "25 00:30", "26 01:30"]);
    // Every half hour, on the day that has 25 of them: local times that come twice run once.
    let doubled = times("*/30 * * * *", "2026-10-24T23:00:00Z", 1);
    let night: Vec<&str> = doubled.iter().map(String::as_str).filter(|t| t.starts_with("25 0")).collect();
    assert!(night.starts_with(&["25 00:00", "25 00:30", "25 02:00", "25 02:30"]), "{night:?}");
}

#[test]
fn started_and_manual_start_flows() {
    let mut t = Bench::new(
        r#"
flow up on started { send("up", to: oncall) }
flow by_hand on manual(Int) { send("by hand {input}", to: oncall) }
"#,
    );
    let event = |kind, fields: &[(&str, Json)]| Event {
        kind,
        origin: None,
        at: None,
        fields: fields.iter().map(|(name, json)| ((*name).to_owned(), json.clone())).collect(),
    };
    assert_eq!(of_f(&t.event(event(EventKind::Started, &[]))), ["send up → oncall"]);
    let manual = EventKind::Manual { flow: "main.by_hand".into(), id: None };
    assert_eq!(of_f(&t.event(event(manual, &[("input", json!(7))]))), ["send by hand 7 → oncall"]);
    let nobody = EventKind::Manual { flow: "main.nobody".into(), id: None };
    assert_eq!(t.event(event(nobody, &[])), Vec::<String>::new());
}
