//! Sessions: what an agent is told, calls and answers is in the journal, whatever becomes of it.

use crate::bench::{Bench, DAY, HOUR, MINUTE};
use carapace_effect::{Called, Failure, FailureKind, Recall, Remembered, SessionKey, Turn, Unanswered, With};
use carapace_engine::inspect::{every_session, sessions, verify_sessions};
use carapace_engine::stored::{MOST_TURNS, verify};
use carapace_engine::{Act, Input, Reported};
use carapace_store::BlobId;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const TALK: &str = r#"
agent clerk {
  model: "test/model"
  instructions: "Answer."
  tools: [refund, look, bank]
  max_steps: 6
}
connection bank: mcp
/// Gives it back.
tool refund(order: Text, amount: Money = 5 EUR) -> Text {
  if amount > 50 EUR { fail("over the limit") }
  send("refund {order} {amount}", to: oncall)
  return "back {amount}"
}
tool look(order: Int) -> Int { return order * 2 }
flow talk on chat.message where message.text starts with "say " {
  let answer = clerk.chat(message.text) within 1h else e { "sorry: {e.message}" }
  reply(answer)
}
"#;

/// A turn in words.
pub(crate) fn words(turn: &Remembered) -> String {
    match &turn.turn {
        Turn::User { text, by } => format!("{}: {text}", by.as_deref().unwrap_or("?")),
        Turn::Assistant { text } => format!("agent: {text}"),
        Turn::Unanswered { how: Unanswered::Failed, why } => format!("failed: {why}"),
        Turn::Unanswered { how: Unanswered::Cancelled, .. } => "cancelled".to_owned(),
        Turn::Unanswered { how: Unanswered::Unknown, .. } => "unknown".to_owned(),
        Turn::Call { id, name, .. } => format!("{id} calls {name}"),
        Turn::Result { id, outcome: Called::Done(value) } => format!("{id} = {value}"),
        Turn::Result { id, outcome: Called::Failed(why) } => format!("{id} failed: {why}"),
        Turn::Result { id, outcome: Called::Unknown } => format!("{id} = ?"),
        Turn::Compacted { through, archives, summary } => {
            let summary = summary.as_ref().map(|summary| format!(": {}", summary.text)).unwrap_or_default();
            format!("{} to {through}{summary}", archives.len())
        }
    }
}

/// The turns of all sessions, one after the other.
pub(crate) fn said(t: &Bench) -> Vec<String> {
    t.core.state().sessions.iter().flat_map(|(_, session)| session.turns()).map(words).collect()
}

pub(crate) fn recalled(act: &Act) -> Vec<String> {
    act.session.as_deref().map(|Recall { turns, .. }| turns.iter().map(words).collect()).unwrap_or_default()
}

/// The model answers.
pub(crate) fn says(text: &str) -> Reported {
    Reported::Done(json!({ "text": text, "calls": [] }))
}

/// The model calls tools: (id, tool, arguments).
pub(crate) fn calls(calls: &[(&str, &str, Json)]) -> Reported {
    let call = |(id, tool, arguments): &(&str, &str, Json)| json!({ "id": id, "tool": tool, "arguments": arguments });
    Reported::Done(json!({ "text": "", "calls": calls.iter().map(call).collect::<Vec<_>>() }))
}

#[test]
fn what_is_said_is_remembered_and_handed_over_with_the_next_question() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    let act = t.act("say one");
    assert_eq!(recalled(&act), ["ana: say one"]);
    let key = SessionKey {
        agent: "main.clerk".into(),
        with: With::Sender { account: "net".into(), user: "ana".into() },
    };
    assert_eq!(act.session.as_ref().map(|session| &session.key), Some(&key));
    t.report("say one", says("first"));
    t.message("bo", "say other");
    assert_eq!(recalled(&t.act("say other")), ["bo: say other"], "what others said is theirs");
    t.message_in("room", "ana", "say two");
    assert_eq!(recalled(&t.act("say two")), ["ana: say one", "agent: first", "ana: say two"]);
    t.report("say two", Reported::Failed(Failure::new(FailureKind::Refused, "no")));
    assert_eq!(t.core.state().sessions.len(), 2);
    let ana = t.core.state().sessions.get(&key).map(|session| session.turns().iter().map(words).collect());
    assert_eq!(
        ana,
        Some(vec![
            "ana: say one".into(),
            "agent: first".into(),
            "ana: say two".into(),
            "failed: no".to_owned()
        ])
    );
}

#[test]
fn an_agent_may_remember_a_conversation_with_all_who_are_in_it() {
    let source = r#"
agent host {
  model: "test/model"
  instructions: "Answer."
  memory: "conversation"
}
flow talk on chat.message { host.chat(message.text) else "" }
"#;
    let mut t = Bench::new(source);
    t.message_in("room", "ana", "say one");
    t.report("say one", says("first"));
    t.message_in("room", "bo", "say two");
    assert_eq!(recalled(&t.act("say two")), ["ana: say one", "agent: first", "bo: say two"]);
    t.message("bo", "say three");
    assert_eq!(recalled(&t.act("say three")), ["bo: say three"], "alone is another conversation");
}

#[test]
fn a_flow_without_a_person_is_remembered_as_long_as_its_run_lives() {
    let mut t = Bench::new("flow daily on every(1d) { desk.chat(\"morning\") else \"\"\n wait(1h) }");
    t.pass(DAY);
    let act = t.act("morning");
    assert_eq!(recalled(&act), ["?: morning"]);
    let run = act.id.run;
    assert_eq!(act.session.as_ref().map(|session| session.key.with.clone()), Some(With::Run { run }));
    t.report("morning", says("good"));
    t.crash();
    assert_eq!(said(&t), ["?: morning", "agent: good"]);
    t.pass(HOUR);
    assert!(t.core.state().sessions.is_empty());
}

#[test]
fn tools_stand_between_question_and_answer() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    let both = [
        ("a", "main.refund", json!({ "order": "7", "amount": { "amount": "20", "currency": "EUR" } })),
        ("b", "main.look", json!({ "order": 21 })),
    ];
    let followed = t.report("say one", calls(&both));
    assert!(followed.iter().any(|line| line.contains("refund 7 20 EUR")), "{followed:?}");
    let next = t.act("say one");
    assert_eq!(
        recalled(&next),
        ["ana: say one", "a calls main.refund", "b calls main.look", "b = 42", "a = \"back 20 EUR\""]
    );
    let followed = t.report("say one", says("done"));
    assert!(followed.iter().any(|line| line.contains("reply done")), "{followed:?}");
    assert_eq!(said(&t).last().map(String::as_str), Some("agent: done"));
}

#[test]
fn what_a_tool_cannot_do_the_model_is_told() {
    for (tool, given, told) in [
        (
            "main.refund",
            json!({ "order": "7", "amount": { "amount": "80", "currency": "EUR" } }),
            "over the limit",
        ),
        ("main.refund", json!({ "amount": { "amount": "80", "currency": "EUR" } }), "`order`: "),
        ("main.refund", json!({ "order": 7 }), "`order`: "),
        ("main.look", json!({ "order": "x" }), "`order`: "),
        ("main.nothing", json!({}), "`main.clerk` has no tool `main.nothing`"),
        ("bank.pay", json!({}), "`main.clerk` has no tool `bank.pay`"),
    ] {
        let mut t = Bench::new(TALK);
        t.message("ana", "say one");
        t.report("say one", calls(&[("a", tool, given.clone())]));
        let recalled = recalled(&t.act("say one"));
        let last = recalled.last().unwrap();
        assert!(last.starts_with("a failed: ") && last.contains(told), "{tool} {given}: {last}");
    }
}

#[test]
fn what_is_left_out_is_what_the_tool_says() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    let followed = t.report("say one", calls(&[("a", "main.refund", json!({ "order": "7" }))]));
    assert!(followed.iter().any(|line| line.contains("refund 7 5 EUR")), "{followed:?}");
}

#[test]
fn a_servers_tool_is_called_once_and_its_answer_handed_on() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    t.report("say one", calls(&[("a", "main.bank.pay", json!({ "to": "bo" }))]));
    let act = t.act("main.bank");
    assert_eq!(*act.request.effect, *"mcp.call");
    assert_eq!(act.arguments.get("tool"), Some(&json!("pay")));
    assert_eq!(act.arguments.get("arguments"), Some(&json!({ "to": "bo" })));
    t.report("main.bank", Reported::Done(json!({ "paid": true })));
    assert_eq!(recalled(&t.act("say one")).last().map(String::as_str), Some("a = {\"paid\":true}"));
}

#[test]
fn an_agent_in_circles_is_stopped_and_so_is_one_that_never_ends() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    let mut followed = Vec::new();
    for number in 0..5 {
        followed = t.report("say one", calls(&[(&format!("a{number}"), "main.look", json!({ "order": 1 }))]));
    }
    assert!(followed.iter().any(|line| line.contains("same arguments again and again")), "{followed:?}");
    // The last one was not made, and nobody has to wonder what it did.
    let last = said(&t).into_iter().rev().nth(1);
    let why = "a4 failed: the agent calls the same tool with the same arguments again and again";
    assert_eq!(last.as_deref(), Some(why), "{:?}", said(&t));
    t.message("ana", "say two");
    for number in 0..6 {
        followed =
            t.report("say two", calls(&[(&format!("b{number}"), "main.look", json!({ "order": number }))]));
    }
    assert!(followed.iter().any(|line| line.contains("took 6 steps and has no answer")), "{followed:?}");
    let open: usize = t.core.state().sessions.iter().map(|(_, session)| session.under_way().count()).sum();
    assert_eq!(open, 0, "{:?}", said(&t));
}

#[test]
fn what_no_session_could_hold_is_no_step() {
    let twice =
        calls(&[("a", "main.look", json!({ "order": 1 })), ("a", "main.look", json!({ "order": 2 }))]);
    let large = calls(&[("a", "main.look", json!({ "order": "x".repeat(300_000) }))]);
    for (step, why) in [(twice, "two calls have the id `a`"), (large, "256 KiB")] {
        let mut t = Bench::new(TALK);
        t.message("ana", "say one");
        let followed = t.report("say one", step);
        let told = followed.iter().any(|line| line.contains("E0971") && line.contains(why));
        assert!(told, "{followed:?}");
        assert!(said(&t).last().is_some_and(|last| last.starts_with("failed: ") && last.contains(why)));
        t.message("ana", "say two");
        t.report("say two", says("well"));
        assert_eq!(said(&t)[2..], ["ana: say two", "agent: well"], "the session goes on");
    }
}

/// What goes on in one exchange: a model that looks something up, pays, and answers.
fn model(act: &Act) -> Reported {
    let recalled = recalled(act);
    match recalled.len() {
        1 => calls(&[("a", "main.look", json!({ "order": 3 }))]),
        3 => {
            calls(&[("b", "main.bank.pay", json!({ "to": "bo" })), ("c", "main.look", json!({ "order": 4 }))])
        }
        _ => says("paid"),
    }
}

#[test]
fn whenever_the_process_dies_nothing_is_paid_twice_and_the_answer_is_the_same() {
    // Each number of reports until the process dies, and whether it dies before or after the next act is reported.
    for crash in 0..8 {
        let mut t = Bench::new(TALK);
        let mut followed = t.message("ana", "say one");
        let (mut paid, mut unknown) = (0, false);
        for step in 0..12 {
            if step == crash {
                followed.extend(t.crash());
            }
            let Some(act) = t.acts.first().cloned() else { break };
            t.acts.retain(|open| open.id != act.id);
            let outcome = match &*act.request.effect {
                "exchange.think" => model(&act),
                "mcp.call" => {
                    paid += 1;
                    Reported::Done(json!({ "paid": true }))
                }
                other => panic!("{other}"),
            };
            let report = carapace_engine::Report { act: act.id.clone(), attempt: act.attempt, outcome };
            followed.extend(t.submit(Input::Report(Box::new(report))));
        }
        // It lives, and nothing is on its way: it waits for a person to say what became of the order.
        unknown |= t.core.state().runs.iter().next().is_some() && t.acts.is_empty();
        // The process may die while the bank has the order: then nobody knows, and a person is asked, but it is not sent again.
        let answered = followed.iter().filter(|line| line.contains("reply paid")).count();
        assert!(paid <= 1, "{crash}: {followed:?}");
        assert_eq!(answered, usize::from(!unknown), "{crash}: {followed:?}");
        assert_eq!(paid, usize::from(!unknown), "{crash}: {followed:?}");
    }
}

#[test]
fn after_a_crash_only_the_step_under_way_is_asked_again() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    t.report("say one", calls(&[("a", "main.look", json!({ "order": 3 }))]));
    let before = t.act("say one");
    t.crash();
    let again = t.act("say one");
    assert_eq!((again.id.clone(), again.attempt, again.again), (before.id.clone(), 2, true));
    assert_eq!(recalled(&again), ["ana: say one", "a calls main.look", "a = 6"]);
}

#[test]
fn nobody_waits_any_more_and_the_exchange_ends_all_the_same() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    t.report("say one", calls(&[("a", "main.bank.pay", json!({}))]));
    t.pass(61 * MINUTE);
    t.report("main.bank", Reported::NotPerformed("let go".into()));
    assert_eq!(said(&t), ["ana: say one", "a calls main.bank.pay", "a = ?", "cancelled"]);
    t.message("ana", "say two");
    t.report("say two", says("well"));
    assert_eq!(said(&t)[4..], ["ana: say two", "agent: well"]);
}

#[test]
fn older_turns_are_put_away_and_found_again() {
    let mut t = Bench::new(TALK);
    let mut blobs: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let rounds = MOST_TURNS / 2 + 40;
    for number in 0..rounds {
        t.message("ana", &format!("say {number}."));
        t.report(&format!("say {number}."), says("yes"));
        let listed = sessions(t.core.state(), None, None, 9);
        if listed.sessions[0].turns > MOST_TURNS {
            let session = act_key();
            let turns = t.core.state().sessions.get(&session).unwrap().turns();
            let last = turns[101].clone();
            let mut lines = Vec::new();
            for turn in turns.iter().take(102) {
                lines.extend(serde_json::to_vec(turn).unwrap());
                lines.push(b'\n');
            }
            let archive = BlobId::of(&lines);
            blobs.insert(archive.to_string(), lines);
            let (through, archive) = (last.number, archive.to_string().into());
            t.submit(Input::Compact { session, through, archive });
        }
    }
    let listed = sessions(t.core.state(), Some("clerk"), None, 9).sessions;
    assert_eq!((listed[0].put_away, listed[0].turns), (102, rounds * 2 - 102));
    let seen = every_session(t.core.state());
    let shown = seen[0].shown(true, &mut |id| Ok(blobs.get(&id.to_string()).cloned()));
    assert_eq!((shown.turns.len(), shown.wrong), (rounds * 2, Vec::new()));
    assert_eq!(verify(&shown.turns), Vec::<String>::new());
    let verified = verify_sessions(&seen, &mut |_| Ok(None));
    assert!(verified.wrong[0].what[0].contains("are not there"), "{verified:?}");
    t.message("ana", "say more");
    let recalled = recalled(&t.act("say more"));
    assert_eq!(recalled.first().map(String::as_str), Some("1 to 102"), "the agent knows that there was more");
}

fn act_key() -> SessionKey {
    SessionKey {
        agent: "main.clerk".into(),
        with: With::Sender { account: "net".into(), user: "ana".into() },
    }
}

/// What may happen to two people who talk with one agent.
#[derive(Debug, Clone)]
enum Happens {
    Says(usize),
    /// The model of an act calls tools: which, by number.
    Calls(usize, Vec<usize>),
    Answers(usize, bool),
    Hours,
    Crash,
}

fn happenings() -> impl Strategy<Value = Vec<Happens>> {
    let step = prop_oneof![
        3 => (0_usize..2).prop_map(Happens::Says),
        5 => (0_usize..4, prop::collection::vec(0_usize..4, 0..4)).prop_map(|(at, tools)| Happens::Calls(at, tools)),
        2 => (0_usize..4, any::<bool>()).prop_map(|(at, well)| Happens::Answers(at, well)),
        1 => Just(Happens::Hours),
        2 => Just(Happens::Crash),
    ];
    prop::collection::vec(step, 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_models_and_crashes_do_a_session_is_whole(steps in happenings()) {
        let mut t = Bench::new(TALK);
        for (number, step) in steps.into_iter().enumerate() {
            let open: Vec<Arc<Act>> = t.acts.clone();
            let (at, outcome) = match step {
                Happens::Says(who) => {
                    t.message(["ana", "bo"][who], &format!("say {number}"));
                    continue;
                }
                Happens::Hours => {
                    t.pass(90 * MINUTE);
                    continue;
                }
                Happens::Crash => {
                    t.crash();
                    continue;
                }
                Happens::Calls(at, tools) => {
                    let names = ["main.look", "main.bank.pay", "main.refund", "main.none"];
                    let ids: Vec<String> = tools.iter().enumerate().map(|(n, tool)| format!("{tool}{n}")).collect();
                    let all: Vec<_> = ids.iter().zip(&tools)
                        .map(|(id, tool)| (id.as_str(), names[*tool], json!({ "order": number })))
                        .collect();
                    (at, calls(&all))
                }
                Happens::Answers(at, true) => (at, says("yes")),
                Happens::Answers(at, false) => (at, Reported::NotPerformed("no".into())),
            };
            if let Some(act) = open.get(at) {
                t.acts.retain(|other| other.id != act.id);
                let report = carapace_engine::Report { act: act.id.clone(), attempt: act.attempt, outcome };
                t.submit(Input::Report(Box::new(report)));
            }
            for act in t.acts.iter().filter(|act| act.session.is_some()) {
                let turns = act.session.as_ref().map(|session| session.turns.clone()).unwrap_or_default();
                prop_assert!(turns.last().and_then(|last| last.of.as_ref()).is_some_and(|of| of.run == act.id.run));
                prop_assert_eq!(verify(&turns.into_iter().enumerate().map(|(at, mut turn)| {
                    // They are handed over one exchange after the other.
                    turn.number = at as u64 + 1;
                    turn
                }).collect::<Vec<_>>()), Vec::<String>::new());
            }
        }
        let verified = verify_sessions(&every_session(t.core.state()), &mut |_| Ok(None));
        prop_assert_eq!(verified.wrong, Vec::new());
    }
}
