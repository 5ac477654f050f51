//! Runs are cancelled, and what nobody knows is resolved.

use crate::asked::{ASKS, RUNS, history, only, unread};
use crate::talk::{Talk, package};
use std::time::Duration;

#[test]
fn a_cancelled_run_takes_back_what_it_did_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("book");
    assert_eq!((talk.hear().as_str(), talk.hear().as_str()), ("Booked.", "What is your name?"));
    let run = only(&data, "book");
    let told = RUNS.failure(&data, &["retry", &run[..8]]);
    assert!(told.contains("E0914") && told.contains("is not over"), "{told}");
    let said = RUNS.text(&data, &["cancel", &run[..8], "--reason", "the house is full"]);
    assert!(said.contains(&run), "{said}");
    assert_eq!(talk.hear(), "Taken back.");
    assert_eq!(talk.hear(), "Cancelled.");
    assert!(talk.end().1.success());
    let shown = RUNS.json(&data, &["show", &run]);
    assert_eq!(shown["over"]["how"], "cancelled: the house is full");
    let history = history(&shown);
    assert!(history.iter().any(|what| what == "was asked to end: the house is full"), "{history:?}");
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("book");
    assert_eq!(talk.hear(), "Booked.");
    let told = RUNS.failure(&data, &["cancel", &run]);
    assert!(told.contains("E0910") && told.contains("is over"), "{told}");
}

/// A step whose undo nobody here can perform.
const HANDED_OVER: &str = r#"use std/http

channel chat: any

flow book on chat.message {
  reply("Booked.") undo { give_back() }
  let name = ask("What is your name?") within 1h else { return }
} on cancel {
  reply("Cancelled.")
}

flow give_back() {
  http.remove(url"https://hotel.example.com/rooms")
}
"#;

#[test]
fn an_undo_that_failed_waits_for_a_person_who_resolves_it() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), HANDED_OVER), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("hi");
    assert_eq!((talk.hear().as_str(), talk.hear().as_str()), ("Booked.", "What is your name?"));
    let run = only(&data, "book");
    RUNS.text(&data, &["cancel", &run, "--reason", "full"]);
    let listed = RUNS.until(&data, |listed| listed["runs"][0]["waits"][0]["on"] == "person");
    let wait = &listed["runs"][0]["waits"][0];
    assert!(wait["what"].as_str().unwrap().contains("undo that failed"), "{listed}");
    let shown = RUNS.text(&data, &["show", &run]);
    let op = wait["op"].as_str().unwrap();
    assert!(shown.contains(&format!("resolve {} {op}", &run[..8])), "{shown}");
    RUNS.text(&data, &["resolve", &run, op, "done"]);
    assert_eq!(talk.hear(), "Cancelled.");
    assert!(talk.end().1.success());
}

/// A message that is sent once or never, and larger than a pipe, so that it is on its way as long as nobody reads.
const ONCE: &str = r#"channel chat: any

flow once on chat.message where message.text == "go" {
  reply("0123456789".repeated(9_000)) at most once else e {
    reply("It did not happen: {e.kind}")
    return
  }
  reply("It did happen.")
}
"#;

#[test]
fn what_nobody_knows_is_resolved_and_the_run_goes_on() {
    for (outcome, expected) in [("failed", "It did not happen: not_performed"), ("done", "It did happen.")] {
        let folder = tempfile::tempdir().unwrap();
        let (shop, data) = (package(folder.path(), ONCE), folder.path().join("data"));
        let mut child = unread(&shop, &data);
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"go\n").unwrap();
        let listed = RUNS.until(&data, |listed| listed["runs"][0]["waits"][0]["on"] == "effect");
        let run = listed["runs"][0]["run"].as_str().unwrap().to_owned();
        until_shown(&data, &run, "on its way");
        child.kill().unwrap();
        child.wait().unwrap();

        let talk = Talk::begin(&shop, &data, &["--no-watch"]);
        let listed = RUNS.until(&data, |listed| listed["runs"][0]["waits"][0]["on"] == "person");
        let op = listed["runs"][0]["waits"][0]["op"].as_str().unwrap();
        assert!(RUNS.text(&data, &["list"]).contains("a person: chat.reply"));
        let value = r#"{"channel":"terminal","conversation":"you","id":"1"}"#;
        match outcome {
            "failed" => {
                let told = RUNS.failure(&data, &["resolve", &run, op, "failed", "--value", value]);
                assert!(told.contains("no `value`"), "{told}");
                RUNS.text(&data, &["resolve", &run, op, "failed"]);
            }
            _ => {
                let told = RUNS.failure(&data, &["resolve", &run, op, "done", "--value", "7"]);
                assert!(told.contains("E0943") && told.contains("chat.reply"), "{told}");
                RUNS.text(&data, &["resolve", &run, op, "done", "--value", value]);
            }
        }
        assert_eq!(talk.hear(), expected);
        assert!(talk.end().1.success());
        let told = history(&RUNS.json(&data, &["show", &run]));
        assert!(told.iter().any(|what| what.contains("nobody knows whether")), "{told:?}");
    }
}

fn until_shown(data: &std::path::Path, run: &str, part: &str) {
    for _ in 0..600 {
        if RUNS.text(data, &["show", run]).contains(part) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it never comes to `{part}`");
}

/// A flow that fails until somebody has opened.
const SHUT: &str = r#"channel chat: any

state opened: Bool = false

flow open on chat.command("open") {
  set opened = true
  reply("Open.")
}

flow order on chat.command("order") {
  if not opened { fail("the shop is shut") }
  reply("Ordered.")
}
"#;

#[test]
fn a_failed_run_is_tried_again_as_another() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), SHUT), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("/order");
    let told = talk.told("the shop is shut");
    let run = told.rsplit_once("(run ").unwrap().1.trim_end().trim_end_matches(')').to_owned();
    talk.say("/open");
    assert_eq!(talk.hear(), "Open.");
    let said = RUNS.text(&data, &["retry", &run[..8]]);
    assert_eq!(talk.hear(), "Ordered.");
    let told = RUNS.failure(&data, &["retry", &run]);
    assert!(told.contains("E0914") && told.contains("already"), "{told}");
    let history = history(&RUNS.json(&data, &["show", &run]));
    let again = history.last().unwrap().strip_prefix("is tried again, as run ").unwrap().to_owned();
    assert!(said.contains(&again), "{said}");
}

const BY_HAND: &str = r#"channel chat: any
room desk: any

type Guest { name: Text, nights: Int }

flow invite on manual(Guest) {
  wait(1h)
  send("{input.name} comes for {input.nights}", to: desk)
}

flow ping on manual(Int?) { log("pong") }

flow echo on chat.message { reply(message.text) }
"#;

#[test]
fn a_flow_is_started_by_hand_and_told_what_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), BY_HAND), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("up?");
    assert_eq!(talk.hear(), "up?");
    let begun = RUNS.json(&data, &["start", "invite", "--input", r#"{"name":"Ana","nights":2}"#]);
    assert_eq!(begun["flow"], "shop/main.invite");
    assert_eq!(begun["run"].as_str().unwrap(), only(&data, "invite"));
    let said = RUNS.text(&data, &["start", "main.ping"]);
    assert!(said.starts_with("shop/main.ping was started"), "{said}");
    for (args, what) in [
        (&["start", "echo"][..], "these can: `shop/main.invite`, `shop/main.ping`"),
        (&["start", "invite"], "does not fit `shop/main.invite`"),
        (&["start", "invite", "--input", r#"{"name":"Ana"}"#], "nights"),
        (&["start", "invite", "--input", "ana"], "is no JSON"),
    ] {
        let told = RUNS.failure(&data, args);
        assert!(told.contains("E0949") && told.contains(what), "{args:?}: {told}");
    }
    assert!(talk.end().1.success());
    assert!(RUNS.failure(&data, &["start", "ping"]).contains("E0941"));
}
