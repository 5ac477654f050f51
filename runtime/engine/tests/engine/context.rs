//! What an agent is given of a long session: what is summed up, what is pinned, and what comes back.

use crate::bench::{Bench, MINUTE};
use crate::sessions::{calls, recalled, said, says};
use carapace_effect::{Failure, FailureKind, Remembered, SessionKey};
use carapace_engine::{Act, Input, Reply, Reported};
use serde_json::json;
use std::sync::Arc;

const CLERK: &str = r#"
agent clerk {
  model: "test/model"
  tools: [keep, drop]
  window: 500
  summary: "Keep order numbers."
}
use std/exchange
tool keep(fact: Text) -> Text { exchange.pin(fact)
 return "kept" }
tool drop(fact: Text) -> Text { exchange.unpin(fact)
 return "dropped" }
flow talk on chat.message where message.text starts with "say " {
  reply(clerk.chat(message.text) else e { "sorry: {e.message}" })
}
flow pins on chat.message where message.text starts with "pin " {
  clerk.pin(message.text) else e { reply("no: {e.message}") }
}
"#;

/// An engine with the flows; `use` stands first.
fn bench() -> Bench {
    Bench::new(CLERK)
}

/// Long enough that a few of it fill the window.
fn long(text: &str) -> String {
    format!("say {text} {}", "x".repeat(300))
}

/// Questions and answers, until something is to be summed up.
fn until_long(t: &mut Bench, name: &str) -> Arc<Act> {
    for n in 0..20 {
        let text = long(&format!("{name}{n}"));
        t.message("ana", &text);
        t.report("think", says("yes"));
        if let Some(act) = t.acts.iter().find(|act| *act.request.effect == *"exchange.sum_up") {
            return act.clone();
        }
    }
    panic!("nothing is to be summed up of {} turns", said(t).len())
}

/// What the driver does: puts away what is ripe, where it is.
fn put_away(t: &mut Bench, archive: &str) -> bool {
    let ripe = t.core.state().sessions.to_put_away();
    let Some((session, through, _)) = ripe else { return false };
    t.submit(Input::Compact { session, through, archive: archive.into() });
    true
}

fn only(t: &Bench) -> (SessionKey, Vec<Remembered>) {
    let (key, session) = t.core.state().sessions.iter().next().unwrap();
    (key.clone(), session.turns().to_vec())
}

fn failed() -> Reported {
    Reported::Failed(Failure::new(FailureKind::Transient, "away"))
}

#[test]
fn what_grows_long_is_summed_up_beside_the_answer_and_the_summary_takes_its_place() {
    let mut t = bench();
    let act = until_long(&mut t, "a");
    assert_eq!(act.agent.as_ref().map(|agent| &*agent.name), Some("main.clerk"));
    let part = recalled(&act);
    assert!(part[0].contains("say a0") && part.last().unwrap() == "agent: yes", "whole exchanges: {part:?}");
    assert!(!put_away(&mut t, "b1"), "it stays until there is a summary");
    let before = said(&t).len();
    // Nobody waits for it: the conversation goes on.
    t.message("ana", "say meanwhile");
    assert_eq!(recalled(&t.act("think")).len(), before + 1);
    t.report("think", says("yes"));
    assert_eq!(t.acts.len(), 1, "one summary at a time");

    t.crash();
    t.report("sum_up", Reported::Done(json!("  Ana ordered 4711.  ")));
    assert!(put_away(&mut t, "b1"));
    let (_, turns) = only(&t);
    assert_eq!(crate::sessions::words(&turns[0]), format!("1 to {}: Ana ordered 4711.", part.len()));
    t.message("ana", "say more");
    let next = recalled(&t.act("think"));
    assert!(next[0].ends_with("Ana ordered 4711.") && next.last().unwrap() == "ana: say more", "{next:?}");
    t.report("think", says("yes"));
    let written = serde_json::to_string(&t.lines).unwrap();
    assert_eq!(written.matches("4711").count(), 1, "the words stand in the session alone");
    assert!(t.living().is_empty(), "{:?}", t.living());

    // The next one is given the former.
    let act = until_long(&mut t, "b");
    assert!(recalled(&act)[0].ends_with("Ana ordered 4711."), "{:?}", recalled(&act));
    t.report("sum_up", Reported::Done(json!("Both.")));
    assert!(put_away(&mut t, "b2"));
    assert!(said(&t)[0].starts_with("2 to ") && said(&t)[0].ends_with(": Both."), "{:?}", said(&t));
}

#[test]
fn where_nobody_sums_up_it_is_put_away_all_the_same_and_tried_again_with_the_next() {
    let mut t = bench();
    until_long(&mut t, "a");
    for _ in 0..4 {
        t.report("sum_up", failed());
        t.pass(10 * MINUTE);
    }
    assert!(put_away(&mut t, "b1"));
    assert!(said(&t)[0].starts_with("1 to ") && !said(&t)[0].contains(':'), "{:?}", said(&t));
    until_long(&mut t, "b");
    t.report("sum_up", Reported::Done(json!("Better.")));
    assert!(put_away(&mut t, "b2"));
    assert!(said(&t)[0].ends_with(": Better."), "{:?}", said(&t));
    // One that says nothing is none.
    until_long(&mut t, "c");
    t.report("sum_up", Reported::Done(json!("  ")));
    assert!(put_away(&mut t, "b3"));
    assert!(said(&t)[0].starts_with("3 to ") && said(&t)[0].ends_with(": Better."), "the former stays");
}

#[test]
fn a_summary_that_takes_for_ever_holds_nothing_up() {
    let mut t = bench();
    until_long(&mut t, "a");
    let mut rounds = 0;
    while !put_away(&mut t, "b1") {
        t.message("ana", &long("more"));
        t.report("think", says("yes"));
        rounds += 1;
        assert!(rounds < 20, "at twice the window it is put away without");
    }
    assert!(!said(&t)[0].contains(':'), "{:?}", said(&t));
    t.report("sum_up", Reported::Done(json!("Late.")));
    assert!(said(&t)[0].ends_with(": Late."), "and what comes late is taken: {:?}", said(&t));
}

#[test]
fn whoever_wants_no_summaries_asks_for_none() {
    let mut t = Bench::new(&CLERK.replace("\"Keep order numbers.\"", "false"));
    let mut rounds = 0;
    while !put_away(&mut t, "b1") {
        t.message("ana", &long("more"));
        t.report("think", says("yes"));
        rounds += 1;
        assert!(t.acts.is_empty() && rounds < 8, "the window holds all the same");
    }
}

#[test]
fn pinned_facts_are_given_with_each_question_whatever_is_put_away() {
    let mut t = bench();
    t.message("ana", "pin her dog is Rex");
    t.message("ana", "say one");
    assert_eq!(t.act("think").session.as_ref().unwrap().pins, ["pin her dog is Rex".into()]);
    t.report("think", calls(&[("a", "main.keep", json!({ "fact": "she likes figs" }))]));
    let pins = |t: &Bench| t.act("think").session.as_ref().unwrap().pins.clone();
    assert_eq!(pins(&t), ["pin her dog is Rex".into(), "she likes figs".into()]);
    t.report("think", says("yes"));
    let act = until_long(&mut t, "a");
    assert_eq!(act.session.as_ref().unwrap().pins.len(), 2, "whoever sums up knows them");
    t.report("sum_up", Reported::Done(json!("In short.")));
    assert!(put_away(&mut t, "b1"));
    t.crash();
    t.message("ana", "say two");
    assert_eq!(pins(&t).len(), 2);
    t.report("think", calls(&[("b", "main.drop", json!({ "fact": " she likes figs" }))]));
    assert_eq!(pins(&t), ["pin her dog is Rex".into()]);
    t.report("think", says("yes"));
    t.message("bo", "say two");
    assert!(pins(&t).is_empty(), "what is pinned is of one conversation");
    t.report("think", says("yes"));
    let mut followed = Vec::new();
    for n in 0..40 {
        followed.extend(t.message("bo", &format!("pin {n}")));
    }
    assert_eq!(followed.iter().filter(|line| line.contains("32 facts are pinned already")).count(), 8);
    followed = t.message("cy", &format!("pin {}", "x".repeat(5_000)));
    assert!(followed.iter().any(|line| line.contains("no: a pinned fact has at most")), "{followed:?}");
}

#[test]
fn what_was_put_away_comes_back_and_the_summary_before_it_too() {
    let mut t = bench();
    let mut away = Vec::new();
    for (name, summary) in [("a", "One."), ("b", "Two.")] {
        until_long(&mut t, name);
        t.report("sum_up", Reported::Done(json!(summary)));
        let (_, turns) = only(&t);
        let through = t.core.state().sessions.to_put_away().unwrap().1;
        away.push(turns.into_iter().take_while(|turn| turn.number <= through).collect::<Vec<_>>());
        assert!(put_away(&mut t, name));
    }
    let (session, turns) = only(&t);
    let restore = |t: &mut Bench, archive: &str, turns: &[Remembered]| {
        let (session, archive) = (session.clone(), archive.into());
        t.submit(Input::Restore { session, archive, turns: turns.to_vec() });
        t.reply.clone()
    };
    let refused = restore(&mut t, "a", &away[0]);
    assert!(
        matches!(refused, Some(Reply::Rejected(rejection)) if rejection.code == "E1131"),
        "the last one first"
    );
    assert_eq!(restore(&mut t, "b", &away[1]), Some(Reply::Done));
    let back = said(&t);
    assert!(back[0].starts_with("1 to ") && back[0].ends_with(": One."), "{back:?}");
    assert_eq!(back.len(), away[1].len() + turns.len() - 1);
    assert!(!put_away(&mut t, "b"), "it stays for a while");
    assert_eq!(restore(&mut t, "a", &away[0]), Some(Reply::Done));
    assert!(said(&t)[0].contains("say a0"), "all of it is there: {:?}", said(&t));
    let numbers: Vec<u64> = only(&t).1.iter().map(|turn| turn.number).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    // As much again may be said before something is put away again.
    t.message("ana", "say and now");
    t.report("think", says("yes"));
    assert!(t.acts.is_empty(), "{:?}", said(&t));
}
