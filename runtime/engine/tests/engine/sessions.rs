//! Sessions: what an agent is told and answers is in the journal, whatever becomes of it.

use crate::bench::{Bench, DAY, MINUTE};
use carapace_effect::{Called, Failure, FailureKind, Recall, Remembered, SessionKey, Turn, Unanswered, With};
use carapace_engine::command::Rejection;
use carapace_engine::inspect::{every_session, sessions, verify_sessions};
use carapace_engine::stored::{MOST_TURNS, verify};
use carapace_engine::{Act, Input, Reply, Reported};
use carapace_store::BlobId;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

const TALK: &str = r#"
flow talk on chat.message where message.text starts with "say " {
  let answer = desk.chat(message.text) within 1h else e { "sorry: {e.message}" }
  reply(answer)
}
"#;

/// A turn in words.
fn words(turn: &Remembered) -> String {
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
        Turn::Compacted { through, archives } => format!("{} to {through}", archives.len()),
    }
}

/// The turns of all sessions, one after the other.
fn said(t: &Bench) -> Vec<String> {
    t.core.state().sessions.iter().flat_map(|(_, session)| session.turns()).map(words).collect()
}

fn recalled(act: &Act) -> Vec<String> {
    act.session.as_deref().map(|Recall { turns, .. }| turns.iter().map(words).collect()).unwrap_or_default()
}

fn call(id: &str) -> Turn {
    Turn::Call { id: id.into(), name: "main.refund".into(), arguments: json!({ "order": "7" }) }
}

fn result(id: &str) -> Turn {
    Turn::Result { id: id.into(), outcome: Called::Done(json!("back")) }
}

/// A performer hands a turn of the act in; why not, where it is not taken.
fn remember(t: &mut Bench, act: &Arc<Act>, turn: Turn) -> Option<String> {
    t.submit(Input::Remember { act: act.id.clone(), attempt: act.attempt, turn });
    match &t.reply {
        Some(Reply::Rejected(Rejection { code: "E0971", message, .. })) => Some(message.clone()),
        Some(Reply::Done) => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_said_is_remembered_and_handed_over_with_the_next_question() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    let act = t.act("say one");
    assert_eq!(recalled(&act), ["ana: say one"]);
    let key = SessionKey {
        agent: "main.desk".into(),
        with: With::Sender { account: "net".into(), user: "ana".into() },
    };
    assert_eq!(act.session.as_ref().map(|session| &session.key), Some(&key));
    t.report("say one", Reported::Done(json!("first")));
    t.message("bo", "say other");
    assert_eq!(recalled(&t.act("say other")), ["bo: say other"], "what others said is theirs");
    t.message_in("room", "ana", "say two");
    assert_eq!(recalled(&t.act("say two")), ["ana: say one", "agent: first", "ana: say two"]);
    t.report("say two", Reported::Failed(Failure::new(FailureKind::Refused, "no")));
    t.report("say other", Reported::Unknown("who knows".into()));
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
    t.report("say one", Reported::Done(json!("first")));
    t.message_in("room", "bo", "say two");
    assert_eq!(recalled(&t.act("say two")), ["ana: say one", "agent: first", "bo: say two"]);
    t.message("bo", "say three");
    assert_eq!(recalled(&t.act("say three")), ["bo: say three"], "alone is another conversation");
}

#[test]
fn a_flow_without_a_person_is_answered_and_not_remembered() {
    let mut t = Bench::new("flow daily on every(1d) { desk.chat(\"morning\") else \"\" }");
    t.pass(DAY);
    assert_eq!(t.act("morning").session, None);
    t.report("morning", Reported::Done(json!("good")));
    assert!(t.core.state().sessions.is_empty());
}

#[test]
fn tools_stand_between_question_and_answer_and_nothing_odd_gets_in() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    let act = t.act("say one");
    assert!(remember(&mut t, &act, result("a")).is_some_and(|why| why.contains("no call `a` is open")));
    assert_eq!(remember(&mut t, &act, call("a")), None);
    assert!(remember(&mut t, &act, call("a")).is_some_and(|why| why.contains("before")));
    assert_eq!(remember(&mut t, &act, result("a")), None);
    assert!(remember(&mut t, &act, result("a")).is_some());
    let answer = Turn::Assistant { text: "mine".into() };
    assert!(remember(&mut t, &act, answer).is_some_and(|why| why.contains("the rest is known")));
    let large = Turn::Result { id: "a".into(), outcome: Called::Done(json!("x".repeat(300_000))) };
    assert!(remember(&mut t, &act, large).is_some_and(|why| why.contains("256 KiB")));
    t.report("say one", Reported::Done(json!("done")));
    assert!(remember(&mut t, &act, call("b")).is_some_and(|why| why.contains("no exchange")));
    assert_eq!(said(&t), ["ana: say one", "a calls main.refund", "a = \"back\"", "agent: done"]);
}

#[test]
fn an_agent_that_calls_tools_for_ever_is_told_no() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    let act = t.act("say one");
    let refused = (0..30).find_map(|number| {
        let arguments = json!("x".repeat(250_000));
        let turn = Turn::Call { id: format!("{number}").into(), name: "main.refund".into(), arguments };
        let decided = t.core.submit(t.now, Input::Remember { act: act.id.clone(), attempt: 1, turn });
        match decided.reply {
            Reply::Rejected(why) => Some(why),
            _ => None,
        }
    });
    assert!(refused.is_some_and(|why| why.message.contains("4 MiB")));
    t.lines.extend(t.core.take_lines());
    t.report("say one", Reported::Done(json!("done")));
    assert_eq!(
        t.core.state().sessions.iter().map(|(_, session)| session.under_way().count()).sum::<usize>(),
        0
    );
}

#[test]
fn an_answer_while_a_call_is_open_is_a_failure_that_the_flow_hears_of() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    let act = t.act("say one");
    remember(&mut t, &act, call("a"));
    let followed = t.report("say one", Reported::Done(json!("done")));
    let why = "the agent answered, and its call `a` has no result";
    assert!(followed.iter().any(|line| line.contains(&format!("reply sorry: {why}"))), "{followed:?}");
    assert_eq!(said(&t), ["ana: say one", "a calls main.refund", "a = ?", &format!("failed: {why}")]);
    t.message("ana", "say two");
    t.report("say two", Reported::Done(json!("well")));
    assert_eq!(said(&t)[4..], ["ana: say two", "agent: well"], "the session goes on");
}

#[test]
fn after_a_crash_the_agent_is_asked_again_and_what_it_called_is_unknown() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    let first = t.act("say one");
    remember(&mut t, &first, call("a"));
    t.crash();
    let again = t.act("say one");
    assert_eq!((again.attempt, again.again), (2, true));
    assert_eq!(recalled(&again), ["ana: say one", "a calls main.refund", "a = ?"]);
    assert!(remember(&mut t, &first, call("b")).is_some_and(|why| why.contains("once more")), "of before");
    assert_eq!(remember(&mut t, &again, call("b")), None);
    assert_eq!(remember(&mut t, &again, result("b")), None);
    t.report("say one", Reported::Done(json!("done")));
    assert_eq!(said(&t)[3..], ["b calls main.refund", "b = \"back\"", "agent: done"]);
}

#[test]
fn nobody_waits_any_more_and_the_exchange_ends_all_the_same() {
    let mut t = Bench::new(TALK);
    t.message("ana", "say one");
    let act = t.act("say one");
    remember(&mut t, &act, call("a"));
    t.pass(61 * MINUTE);
    t.report("say one", Reported::NotPerformed("let go".into()));
    assert_eq!(said(&t), ["ana: say one", "a calls main.refund", "a = ?", "cancelled"]);
    t.message("ana", "say two");
    t.pass(61 * MINUTE);
    t.report("say two", Reported::Done(json!("late")));
    assert_eq!(said(&t)[4..], ["ana: say two", "agent: late"], "what was said late was said");
}

#[test]
fn older_turns_are_put_away_and_found_again() {
    let mut t = Bench::new(TALK);
    let mut blobs: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let rounds = MOST_TURNS / 2 + 40;
    for number in 0..rounds {
        t.message("ana", &format!("say {number}."));
        t.report(&format!("say {number}."), Reported::Done(json!("yes")));
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
    let listed = sessions(t.core.state(), Some("desk"), None, 9).sessions;
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
    SessionKey { agent: "main.desk".into(), with: With::Sender { account: "net".into(), user: "ana".into() } }
}

/// What may happen to two people who talk with one agent.
#[derive(Debug, Clone)]
enum Step {
    Says(usize),
    Turn(usize, Turn),
    Answers(usize, bool),
    Hours,
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let turn = prop::sample::select(vec![call("a"), call("b"), result("a"), result("b")]);
    let step = prop_oneof![
        3 => (0_usize..2).prop_map(Step::Says),
        5 => (0_usize..4, turn).prop_map(|(at, turn)| Step::Turn(at, turn)),
        2 => (0_usize..4, any::<bool>()).prop_map(|(at, well)| Step::Answers(at, well)),
        1 => Just(Step::Hours),
        2 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_performers_and_crashes_do_a_session_is_whole(steps in steps()) {
        let mut t = Bench::new(TALK);
        for (number, step) in steps.into_iter().enumerate() {
            let open: Vec<Arc<Act>> = t.acts.iter().filter(|act| act.session.is_some()).cloned().collect();
            match step {
                Step::Says(who) => drop(t.message(["ana", "bo"][who], &format!("say {number}"))),
                Step::Turn(at, turn) => {
                    if let Some(act) = open.get(at) {
                        remember(&mut t, act, turn);
                    }
                }
                Step::Answers(at, well) => {
                    if let Some(act) = open.get(at) {
                        let outcome = if well {
                            Reported::Done(json!("yes"))
                        } else {
                            Reported::NotPerformed("no".into())
                        };
                        t.acts.retain(|other| other.id != act.id);
                        let report = carapace_engine::Report { act: act.id.clone(), attempt: act.attempt, outcome };
                        t.submit(Input::Report(Box::new(report)));
                    }
                }
                Step::Hours => drop(t.pass(90 * MINUTE)),
                Step::Crash => drop(t.crash()),
            }
            for act in t.acts.iter().filter(|act| act.session.is_some()) {
                let turns = act.session.as_ref().map(|session| session.turns.clone()).unwrap_or_default();
                prop_assert!(turns.last().and_then(|last| last.of.as_ref()).is_some_and(|of| of.run == act.id.run));
            }
        }
        let verified = verify_sessions(&every_session(t.core.state()), &mut |_| Ok(None));
        prop_assert_eq!(verified.wrong, Vec::new());
    }
}
