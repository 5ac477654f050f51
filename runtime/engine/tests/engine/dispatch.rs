//! Which flows an event starts: index, commands, order, who gets a message.

use crate::bench::{Bench, named};
use carapace_engine::{Input, Reply};
use serde_json::json;

#[test]
fn an_event_starts_every_flow_whose_guard_holds() {
    let mut t = Bench::new(
        r#"
flow all on chat.message { reply("all") }
flow long on chat.message where message.text.length() > 3 { reply("long") }
flow never on chat.message where false { reply("never") }
"#,
    );
    assert_eq!(t.message("ana", "hi"), ["starts all", "reply all → ana", "all succeeded"]);
    assert_eq!(
        t.message("ana", "hello"),
        [
            "starts all",
            "starts long",
            "reply all → ana",
            "all succeeded",
            "reply long → ana",
            "long succeeded"
        ]
    );
}

#[test]
fn flows_whose_words_do_not_occur_are_not_evaluated() {
    // The guard of each would break if it were computed: a word that is not there keeps it from that.
    let mut t = Bench::new(
        r#"
flow broken on chat.message where message.text contains "help" ignoring case and 1 / (message.text.length() - 4) > 0 {
  reply("?")
}
"#,
    );
    assert_eq!(t.message("ana", "four"), Vec::<String>::new(), "without the word nobody asks the guard");
    let said = t.message("ana", "HELP");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("drops broken: Fault(\"division by zero"), "{said:?}");
}

#[test]
fn words_are_found_as_the_guard_would_find_them() {
    let mut t = Bench::new(
        r#"
flow f on chat.message where message.text contains "straße" ignoring case or message.text matches re"\b(naïve|ΣΊΣΥΦΟΣ)\b" ignoring case {
  reply("found")
}
"#,
    );
    for text in ["STRASSE", "die Straße", "DIE STRAẞE", "NAÏVE", "σίσυφος", "ΣΊΣΥΦΟΣ."] {
        let mut alone = Bench::new(&format!(
            "flow f on chat.message {{ if {} {{ reply(\"found\") }} }}",
            "message.text contains \"straße\" ignoring case or message.text matches re\"\\b(naïve|ΣΊΣΥΦΟΣ)\\b\" ignoring case"
        ));
        let by_guard = t.message("ana", text).iter().any(|word| word.starts_with("reply found"));
        let by_code = alone.message("ana", text).iter().any(|word| word.starts_with("reply found"));
        assert_eq!(by_guard, by_code, "{text}");
    }
}

#[test]
fn of_commands_the_most_specific_one_that_parses_runs() {
    let mut t = Bench::new(
        r#"
flow any on chat.command("order", text: Text) { reply("any {text}") }
flow number on chat.command("order", n: Int) { reply("number {n}") }
flow list on chat.command("order list") { reply("list") }
flow maybe on chat.command("order list", n: Int?) where n is some { reply("list {n ?? 0}") }
flow talk on chat.message { reply("talk") }
"#,
    );
    let mut first = |text: &str| t.message("ana", text).into_iter().find(|w| w.starts_with("reply"));
    assert_eq!(first("/order shoes").as_deref(), Some("reply any shoes → ana"));
    assert_eq!(first("/order 7").as_deref(), Some("reply number 7 → ana"));
    assert_eq!(first("/ORDER@the_bot 7").as_deref(), Some("reply number 7 → ana"));
    assert_eq!(
        first("/order list").as_deref(),
        Some("reply list → ana"),
        "the guard of the other does not hold"
    );
    assert_eq!(first("/order list 3").as_deref(), Some("reply list 3 → ana"));
    assert_eq!(first("/order \"list of shoes\"").as_deref(), Some("reply any list of shoes → ana"));
    assert_eq!(first("/unknown").as_deref(), Some("reply talk → ana"), "what is no command is a message");
    assert_eq!(first("order 7").as_deref(), Some("reply talk → ana"));
}

#[test]
fn higher_priorities_go_first_and_exclusive_ones_hide_it_from_lower_ones() {
    let mut t = Bench::new(
        r#"
flow low on chat.message { reply("low") }
flow high on chat.message where message.text == "now" priority 10 exclusive { reply("high") }
flow same on chat.message priority 10 { reply("same") }
flow watcher on chat.message observes { log("saw {message.text}") }
"#,
    );
    let starts =
        |said: Vec<String>| -> Vec<String> { said.into_iter().filter(|w| w.starts_with("starts")).collect() };
    assert_eq!(starts(t.message("ana", "later")), ["starts same", "starts low", "starts watcher"]);
    assert_eq!(starts(t.message("ana", "now")), ["starts high", "starts same"]);
}

#[test]
fn a_filter_decides_before_everybody_else_and_may_write_state() {
    let mut t = Bench::new(
        r#"
state seen: Int = 0
flow guardian on chat.message filter {
  set seen = seen + 1
  if message.text contains "spam" { return drop }
}
flow broken on chat.message where message.text == "break" filter {
  if 1 / (seen - seen) > 0 { return drop }
}
flow talk on chat.message { reply("seen {seen}") }
flow watcher on chat.message observes { log("saw it") }
"#,
    );
    assert_eq!(t.message("ana", "spam"), ["guardian drops it"]);
    let said = t.message("ana", "hello");
    assert!(said.contains(&"reply seen 2 → ana".to_owned()), "{said:?}");
    // A mistake in a filter must not make the bot deaf.
    let said = t.message("ana", "break");
    assert!(said.contains(&"reply seen 3 → ana".to_owned()), "{said:?}");
}

#[test]
fn who_gets_a_message_filters_commands_waits_triggers() {
    let mut t = Bench::new(
        r#"
flow guardian on chat.message filter { if message.text == "spam" { return drop } }
flow first on chat.command("start") {
  let more = await chat.message where it.message.text starts with "a"
  reply("first: {more.message.text}")
}
flow talk on chat.message { reply("talk") }
flow watcher on chat.message observes { log("saw {message.text}") }
"#,
    );
    t.message("ana", "/start");
    assert_eq!(t.message("ana", "spam"), ["guardian drops it"]);
    assert_eq!(
        t.message("ana", "b"),
        [
            "starts talk",
            "starts watcher",
            "watcher succeeded",
            "reply talk → ana",
            "log saw b",
            "talk succeeded"
        ],
        "a wait that does not accept it lets it pass"
    );
    assert_eq!(
        t.message("ana", "a"),
        ["starts watcher", "watcher succeeded", "reply first: a → ana", "log saw a", "first succeeded"],
        "who observes sees also what a wait took"
    );
    t.message("ana", "/start");
    t.message("ana", "/start");
    let both = t.core.state().runs.len();
    assert_eq!(both, 2, "a command goes before the waits");
    t.message("ana", "a");
    assert_eq!(t.core.state().runs.len(), 1, "the oldest wait took it, and only that one");
}

#[test]
fn an_event_is_taken_once_within_its_window() {
    let mut t = Bench::new(r#"flow f on chat.message { reply("once") }"#);
    let event = t.said("ana", None, "hi");
    assert_eq!(t.event(event.clone()).len(), 3);
    for _ in 0..50 {
        assert_eq!(t.event(event.clone()), Vec::<String>::new());
        assert_eq!(t.reply, Some(Reply::Duplicate));
    }
    t.crash();
    assert_eq!(t.event(event.clone()), Vec::<String>::new(), "also after a crash");
    let mut other = event.clone();
    other.fields.insert("message".into(), json!({"id": "x", "text": "another body"}));
    assert_eq!(t.event(other), Vec::<String>::new(), "the id decides, whatever stands in it");
    t.pass(7 * crate::bench::DAY - 1);
    assert_eq!(t.event(event.clone()), Vec::<String>::new());
    t.pass(1);
    assert_eq!(t.event(event).len(), 3, "after its window it is another one");
}

#[test]
fn ids_of_two_accounts_are_never_taken_for_one_another() {
    let mut t = Bench::new(r#"flow f on chat.message { reply("once") }"#);
    let mut one = t.said("ana", None, "hi");
    let mut two = one.clone();
    let kind = |account: &str, id: &str| carapace_engine::EventKind::Channel {
        account: account.into(),
        id: id.into(),
        trigger: "message".into(),
    };
    one.kind = kind("net", "a b");
    two.kind = kind("net a", "b");
    t.event(one);
    t.event(two);
    assert_eq!(t.reply, Some(Reply::Accepted));
}

#[test]
fn events_of_our_own_reach_flows_and_waits() {
    let mut t = Bench::new(
        r#"
flow waiter on chat.message where message.text == "wait" {
  let e = await event("paid", Int)
  reply("waited for {e.payload}")
}
flow teller on chat.message where message.text == "tell" { emit("paid", 5) }
flow paid on event("paid", Int) { send("paid {payload}", to: oncall) }
"#,
    );
    assert_eq!(t.event(named("paid", json!(3))), ["starts paid", "send paid 3 → oncall", "paid succeeded"]);
    t.message("ana", "wait");
    let said = t.message("bo", "tell");
    assert!(said.contains(&"reply waited for 5 → ana".to_owned()), "{said:?}");
    assert!(!said.contains(&"starts paid".to_owned()), "what a wait took, no trigger sees: {said:?}");
    let said = t.event(named("paid", json!("not a number")));
    assert!(said[0].starts_with("drops paid: Fault"), "{said:?}");
}

#[test]
fn nothing_is_deployed_and_nothing_happens() {
    let mut t = Bench::empty();
    assert_eq!(t.message("ana", "hi"), Vec::<String>::new());
    assert_eq!(t.reply, Some(Reply::Accepted));
    assert_eq!(t.submit(Input::Work(7)), Vec::<String>::new());
}
