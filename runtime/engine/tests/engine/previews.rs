//! Answers that are shown while they are written: which message shows one is in the journal, so that it becomes the answer or goes.

use crate::bench::{Bench, MINUTE};
use carapace_effect::{Failure, FailureKind, Preview};
use carapace_engine::record::Previewed;
use carapace_engine::{Input, Reported};
use serde_json::{Value as Json, json};

const TALK: &str = r#"
agent clerk {
  model: "test/model"
  instructions: "Answer."
  tools: [look]
}
/// Looks it up.
tool look(order: Int) -> Int {
  send("looking {order} up", to: oncall)
  return order * 2
}
flow talk on chat.message where message.text starts with "say " {
  clerk.answer(message.text) within 10m else e { reply("sorry: {e.message}") }
}
"#;

/// Where messages come to something when the test says so.
fn slow(source: &str) -> Bench {
    let mut t = Bench::new(source);
    t.quick = false;
    t
}

fn says(text: &str) -> Reported {
    Reported::Done(json!({ "text": text, "calls": [] }))
}

fn calls(tool: &str, arguments: Json) -> Reported {
    Reported::Done(
        json!({ "text": "I look.", "calls": [{ "id": "a", "tool": tool, "arguments": arguments }] }),
    )
}

/// What an act has to do with what is shown.
fn preview(t: &Bench, part: &str) -> Preview {
    t.act(part).preview.clone().unwrap_or_else(|| panic!("`{part}` has nothing to do with what is shown"))
}

/// A message shows it, or does not any more.
fn previewed(t: &mut Bench, preview: &Preview, message: Option<&str>) -> Vec<String> {
    let (run, op) = (t.run(), preview.op.clone());
    t.submit(Input::Previewed(Previewed { run, op, message: message.map(Into::into) }))
}

fn shown(t: &Bench) -> usize {
    t.core.state().runs.iter().map(|run| run.previews.len()).sum()
}

#[test]
fn the_answer_takes_the_place_of_what_shows_it_after_any_crash() {
    for crash_at in 0..4 {
        let mut t = slow(TALK);
        let crash = |t: &mut Bench, at| {
            if at == crash_at {
                t.crash();
            }
        };
        t.message("ana", "say one");
        let first = preview(&t, "think");
        assert_eq!(first.message, None);
        previewed(&mut t, &first, Some("m5"));
        crash(&mut t, 0);
        assert_eq!(preview(&t, "think").message.as_deref(), (crash_at == 0).then_some("m5"));
        t.report("think", calls("main.look", json!({ "order": 21 })));
        crash(&mut t, 1);
        assert!(t.act("looking 21 up").preview.is_none(), "what a tool says is no answer");
        t.done("looking 21 up");
        assert_eq!(preview(&t, "think").message.as_deref(), Some("m5"), "the next step goes on with it");
        crash(&mut t, 2);
        t.report("think", says("42"));
        crash(&mut t, 3);
        let last = preview(&t, "reply 42");
        assert_eq!((last.op, last.message.as_deref()), (first.op, Some("m5")));
        t.done("reply 42");
        assert_eq!(t.living(), Vec::<String>::new());
    }
}

#[test]
fn an_answer_still_takes_its_place_where_its_conversation_is_to_be_summed_up() {
    let mut t = slow(&TALK.replace("instructions", "window: 500\n  instructions"));
    let mut condensed = false;
    for round in 0..4 {
        let said = format!("say {round}");
        t.message("ana", &format!("{said}{}", " and so on".repeat(70)));
        let shows = preview(&t, &format!("think {said}"));
        let run = t.act(&format!("think {said}")).id.run;
        let op = shows.op.clone();
        t.submit(Input::Previewed(Previewed { run, op, message: Some("m5".into()) }));
        let answer = format!("answer {round}");
        let followed = t.report(&format!("think {said}"), says(&answer));
        condensed |= followed.iter().any(|line| line.contains("condense"));
        let last = preview(&t, &format!("reply {answer}"));
        assert_eq!((last.op, last.message.as_deref()), (shows.op, Some("m5")), "{followed:?}");
        t.done(&format!("reply {answer}"));
    }
    assert!(condensed, "something was to be summed up");
}

#[test]
fn what_is_said_instead_takes_the_place_of_an_answer_that_never_comes() {
    for (fails, why) in [(true, "no"), (false, "it took too long")] {
        let mut t = slow(TALK);
        t.message("ana", "say one");
        let shows = preview(&t, "think");
        previewed(&mut t, &shows, Some("m5"));
        if fails {
            t.report("think", Reported::Failed(Failure::new(FailureKind::Refused, "no")));
        } else {
            t.pass(11 * MINUTE);
        }
        t.crash();
        let instead = format!("reply sorry: {why}");
        assert_eq!(preview(&t, &instead), Preview { message: Some("m5".into()), ..shows });
        t.done(&instead);
        assert_eq!(shown(&t), 0);
    }
}

#[test]
fn where_nothing_is_said_instead_it_goes() {
    // Something else is done, the run fails, it is cancelled: each is an end of what shows.
    for (instead, cancels) in [
        ("else { log(\"late\") }", false),
        ("else { wait(1h) }", false),
        ("", false),
        ("else { none }", true),
    ] {
        let mut t = slow(&format!(
            "flow talk on chat.message {{ desk.answer(message.text) within 10m {instead}\n wait(1d) }}"
        ));
        t.message("ana", "hello");
        let shows = preview(&t, "think");
        previewed(&mut t, &shows, Some("m5"));
        if cancels {
            let run = t.run();
            t.submit(Input::Cancel { run, reason: "enough".into() });
        } else {
            t.pass(11 * MINUTE);
        }
        let gone = t.act("retract");
        assert_eq!(gone.preview, Some(Preview { message: Some("m5".into()), ..shows }), "{instead}");
        assert_eq!(gone.to, t.act("retract").to);
        t.crash();
        assert_eq!(preview(&t, "retract").message.as_deref(), Some("m5"), "a crash forgets nothing of it");
        t.report("retract", Reported::Done(Json::Null));
        t.crash();
        assert!(!t.acts.iter().any(|act| act.request.effect.contains("retract")), "{instead}");
    }
}

#[test]
fn an_answer_that_never_left_still_shows_and_is_replaced() {
    let mut t = slow(TALK);
    t.message("ana", "say one");
    let shows = preview(&t, "think");
    previewed(&mut t, &shows, Some("m5"));
    t.report("think", says("late"));
    t.report("reply late", Reported::Held { message: "away".into(), after: Some(3_600_000), whole: true });
    t.pass(11 * MINUTE);
    // The channel is away still: what is said instead waits, and knows what it replaces.
    t.crash();
    t.pass(60 * MINUTE);
    assert_eq!(preview(&t, "reply sorry").message.as_deref(), Some("m5"));
    t.done("reply sorry");
    assert_eq!(shown(&t), 0);
}

#[test]
fn another_answer_is_another_preview() {
    let source =
        "flow talk on chat.message { desk.answer(\"one\") within 10m else { desk.answer(\"two\") } }";
    let mut t = slow(source);
    t.message("ana", "go");
    let one = preview(&t, "think one");
    previewed(&mut t, &one, Some("m1"));
    t.pass(11 * MINUTE);
    assert_eq!(preview(&t, "retract").message.as_deref(), Some("m1"));
    let two = preview(&t, "think two");
    assert_eq!((two.op == one.op, two.message), (false, None));
}

#[test]
fn what_is_told_of_something_that_is_over_changes_nothing() {
    let mut t = slow(TALK);
    t.message("ana", "say one");
    let shows = preview(&t, "think");
    previewed(&mut t, &shows, Some("m5"));
    assert!(previewed(&mut t, &shows, Some("m5")).is_empty(), "it is known");
    previewed(&mut t, &shows, None);
    assert_eq!(t.core.state().runs.iter().next().unwrap().previews[0].message, None);
    t.report("think", says("1"));
    t.done("reply 1");
    let run = carapace_effect::RunId(7);
    t.submit(Input::Previewed(Previewed { run, op: shows.op, message: Some("m5".into()) }));
    assert_eq!(t.living(), Vec::<String>::new());
}

#[test]
fn two_answers_at_the_same_time_are_two() {
    let source = r#"
flow both on chat.message {
  parallel {
    desk.answer("one") else e { none }
    desk.answer("two") else e { none }
  }
}
"#;
    let mut t = slow(source);
    t.message("ana", "go");
    let (one, two) = (preview(&t, "think one"), preview(&t, "think two"));
    assert_ne!(one.op, two.op);
    previewed(&mut t, &two, Some("m2"));
    t.report("think one", says("first"));
    assert_eq!(preview(&t, "reply first"), one);
    t.done("reply first");
    t.report("think two", says("second"));
    assert_eq!(preview(&t, "reply second"), Preview { message: Some("m2".into()), ..two });
}

#[test]
fn where_nobody_listens_nothing_is_shown() {
    // A schedule has no conversation, and `chat` shows nothing.
    let mut t = slow("flow talk on chat.message { reply(desk.chat(message.text) else \"\") }");
    t.message("ana", "hello");
    assert!(t.act("think").preview.is_none());
    assert_eq!(shown(&t), 0);
}
