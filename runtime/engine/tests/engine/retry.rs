//! Runs that failed are tried again, as new ones.

use crate::bench::{Bench, DAY, HOUR, MINUTE, module};
use carapace_effect::RunId;
use carapace_engine::{Input, Reply};

const SHOP: &str = r#"
state ready: Bool = false
flow open on chat.message where message.text == "open" { set ready = true }
flow f on chat.message where message.text starts with "go" serial by sender timeout 1h {
  if not ready { fail("closed") }
  reply("served {message.text}")
}
flow slow on chat.message where message.text == "slow" { wait(1h) }
"#;

/// The last run that finished.
fn last(t: &Bench) -> RunId {
    t.core.state().finished.iter().next_back().unwrap().run
}

/// What asking for it again is told: nothing wrong, or code and message.
fn retry(t: &mut Bench, run: RunId) -> Result<Vec<String>, String> {
    let said = t.submit(Input::Retry { run });
    match t.reply.take() {
        Some(Reply::Started(_)) => Ok(said),
        Some(Reply::Rejected(no)) => Err(format!("{}: {}", no.code, no.message)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failed_run_begins_anew_on_its_event_and_answers_the_same_person() {
    let mut t = Bench::new(SHOP);
    t.message("ana", "go 1");
    let failed = last(&t);
    t.message("bo", "open");
    t.crash();
    let said = retry(&mut t, failed).unwrap();
    assert_eq!(said, ["starts f", "reply served go 1 → ana", "f succeeded"]);
    assert_ne!(last(&t), failed);
    let again = retry(&mut t, failed).unwrap_err();
    assert!(again.starts_with("E0914") && again.ends_with("was tried again already"), "{again}");
    let fine = last(&t);
    assert!(retry(&mut t, fine).unwrap_err().contains("nothing is kept"), "it succeeded");
    t.crash();
    t.message("cy", "x");
    assert_eq!(t.core.state().events.len(), 1, "the event is kept no longer");
}

#[test]
fn it_may_fail_again_and_be_tried_again() {
    let mut t = Bench::new(SHOP);
    t.message("ana", "go");
    for _ in 0..3 {
        let failed = last(&t);
        assert!(retry(&mut t, failed).unwrap().iter().any(|w| w.contains("closed")));
    }
    let failed = last(&t);
    t.message("bo", "open");
    assert_eq!(retry(&mut t, failed).unwrap().len(), 3);
}

#[test]
fn it_goes_through_its_lane_and_runs_what_serves() {
    let mut t = Bench::new(SHOP);
    t.message("ana", "go 1");
    let failed = last(&t);
    let mended = SHOP.replace("if not ready { fail(\"closed\") }", "wait(1m)");
    t.deploy(&module(&mended));
    t.message("ana", "go 2");
    assert_eq!(retry(&mut t, failed).unwrap(), ["queues f"], "one at a time for each sender");
    let said: Vec<String> = t.pass(2 * MINUTE).into_iter().filter(|w| w.starts_with("reply")).collect();
    assert_eq!(said, ["reply served go 2 → ana", "reply served go 1 → ana"]);
}

#[test]
fn what_cannot_be_tried_again_says_why() {
    let mut t = Bench::new(SHOP);
    t.message("ana", "slow");
    let live = t.core.state().runs.iter().next().unwrap().id;
    assert!(retry(&mut t, live).unwrap_err().contains("it is not over"));
    t.message("ana", "go");
    let failed = last(&t);
    t.deploy(&module("flow other on chat.message where message.text == \"go\" { reply(\"no\") }"));
    assert!(retry(&mut t, failed).unwrap_err().contains("nothing that serves has `main.f`"));
    t.deploy(&module("flow f on chat.command(\"go\") { reply(\"no\") }"));
    let why = retry(&mut t, failed).unwrap_err();
    assert!(why.contains("the new version is not started by"), "{why}");
}

#[test]
fn it_is_kept_for_seven_days_and_so_is_its_event() {
    let mut t = Bench::new(SHOP);
    t.message("ana", "go");
    let failed = last(&t);
    t.pass(7 * DAY - HOUR);
    t.message("bo", "x");
    assert!(t.core.state().failed.get(failed).is_some());
    t.pass(HOUR);
    t.message("bo", "x");
    assert!(retry(&mut t, failed).unwrap_err().contains("nothing is kept"));
    assert_eq!(t.core.state().events.len(), 1);
}

#[test]
fn of_a_thousand_failed_runs_no_more_are_kept() {
    let mut t = Bench::new(SHOP);
    t.message("ana", "go");
    let first = last(&t);
    for _ in 0..1_000 {
        let event = t.said("ana", None, "go");
        t.core.event(t.now, event);
        t.core.pump(t.now);
    }
    assert_eq!(t.core.state().failed.iter().count(), 1_000);
    assert!(t.core.state().failed.get(first).is_none());
    assert_eq!(t.core.state().events.len(), 1_001, "theirs, and the latest: that the last has failed");
}
