//! The index of dispatch is a sieve: it leaves out those who cannot say yes, and nobody else.

use crate::bench::{Bench, module, named};
use carapace_module::Module;
use carapace_module::signature::Mark;
use proptest::prelude::*;
use serde_json::json;

/// The module without anything that the index could go by: every guard is asked.
fn without_index(mut module: Module) -> Module {
    for trigger in module.flows.iter_mut().flat_map(|flow| &mut flow.triggers) {
        trigger.required_words.clear();
        trigger.required_marks.clear();
    }
    module
}

fn marks(guard: &str) -> Vec<Mark> {
    module(&format!("flow f on chat.message where {guard} {{ }}")).flows[0].triggers[0].required_marks.clone()
}

fn field(path: &[&str], is: &str) -> Mark {
    Mark::Field { path: path.iter().map(|key| (*key).into()).collect(), is: is.into() }
}

#[test]
fn a_guard_is_known_by_the_ids_that_it_wants() {
    let ana = || field(&["sender", "id"], "ana");
    for guard in [
        r#"sender.id == "ana""#,
        r#""ana" == sender.id"#,
        r#"not sender.bot and sender.id == "ana" and message.text contains "x""#,
        r#"message.text contains "x" and sender.id == "ana""#,
        r#"sender.role == "admin" and sender.id == "ana""#,
        r#"sender.id in ["ana"]"#,
    ] {
        assert_eq!(marks(guard), [ana()], "{guard}");
    }
    let either = [ana(), field(&["conversation", "id"], "den")];
    assert_eq!(marks(r#"sender.id == "ana" or conversation.id == "den" and message.mentioned"#), either);
    let mixed = [ana(), Mark::Word("help".into())];
    assert_eq!(marks(r#"sender.id == "ana" or message.text contains "HELP" ignoring case"#), mixed);
    for guard in [
        r#"sender.id == "ana" or message.mentioned"#,
        r#"not (sender.id == "ana")"#,
        r#"sender.id != "ana""#,
        r#"sender.id == "ana" ignoring case"#,
        r#"sender.channel == "main.chat""#,
        r#"message.text contains "x" and sender.role == "admin""#,
    ] {
        assert_eq!(marks(guard), [], "{guard}");
    }
}

#[test]
fn flows_that_want_another_person_are_not_evaluated() {
    // The guard of each would break if it were computed: who it is keeps it from that.
    let mut t = Bench::new(
        r#"flow broken on chat.message where sender.id == "ana" and 1 / (message.text.length() - 4) > 0 { }"#,
    );
    assert_eq!(t.message("bo", "four"), Vec::<String>::new());
    let said = t.message("ana", "four");
    assert!(said[0].starts_with("drops broken: Fault(\"division by zero"), "{said:?}");
}

#[test]
fn an_event_of_another_form_than_expected_is_told_to_whoever_waits_for_such() {
    let mut t = Bench::new(
        r#"
type Order { id: Text }
flow f on event("ordered", Order) where payload.id == "7" { log("seven") }
"#,
    );
    assert_eq!(t.event(named("ordered", json!({ "id": "7" })))[0], "starts f");
    assert_eq!(t.event(named("ordered", json!({ "id": "8" }))), Vec::<String>::new());
    let said = t.event(named("ordered", json!({ "id": 7 })));
    assert!(said[0].starts_with("drops f: Fault("), "{said:?}");
}

/// What is said in a room by whom, from few choices, so that guards often hold.
#[derive(Debug, Clone)]
struct Said {
    who: &'static str,
    room: Option<&'static str>,
    text: String,
}

const PEOPLE: [&str; 3] = ["ana", "bo", "Bo"];
const ROOMS: [&str; 2] = ["den", "attic"];
const WORDS: [&str; 5] = ["help", "HELP", "stra\u{df}e", "\u{212a}ilo", "now"];

fn said() -> impl Strategy<Value = Said> {
    let text = proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..3);
    let room = proptest::option::of(proptest::sample::select(&ROOMS[..]));
    (proptest::sample::select(&PEOPLE[..]), room, text).prop_map(|(who, room, text)| Said {
        who,
        room,
        text: text.join(" "),
    })
}

fn atom() -> impl Strategy<Value = String> {
    let person = proptest::sample::select(&["ana", "bo", "Bo", "nobody"][..]);
    let room = proptest::sample::select(&["den", "attic", "ana"][..]);
    let word = proptest::sample::select(&["help", "Help", "k", "kilo", "now", "stra\u{df}e", "e"][..]);
    let case = proptest::sample::select(&["", " ignoring case"][..]);
    prop_oneof![
        (person.clone(), case.clone()).prop_map(|(who, case)| format!("sender.id == \"{who}\"{case}")),
        person.clone().prop_map(|who| format!("\"{who}\" == sender.name")),
        person.clone().prop_map(|who| format!("sender.id != \"{who}\"")),
        (person.clone(), person).prop_map(|(a, b)| format!("sender.id in [\"{a}\", \"{b}\"]")),
        room.clone().prop_map(|room| format!("conversation.id == \"{room}\"")),
        room.prop_map(|room| format!("conversation.title == \"{room}\"")),
        (word.clone(), case.clone())
            .prop_map(|(word, case)| format!("message.text contains \"{word}\"{case}")),
        (word.clone(), case.clone()).prop_map(|(word, case)| format!("message.text == \"{word}\"{case}")),
        (word, case).prop_map(|(word, case)| format!("message.text starts with \"{word}\"{case}")),
        Just("message.mentioned".to_owned()),
        Just("message.text is empty".to_owned()),
        Just("heard > 2".to_owned()),
    ]
}

fn guard() -> impl Strategy<Value = String> {
    atom().prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn with_the_index_and_without_it_the_same_flows_start(
        guards in proptest::collection::vec(guard(), 1..12),
        events in proptest::collection::vec(said(), 1..10),
    ) {
        let mut source = "state heard: Int = 0\nflow count on chat.message observes { set heard = heard + 1 }\n".to_owned();
        for (n, guard) in guards.iter().enumerate() {
            source.push_str(&format!("flow f{n} on chat.message, chat.edited where {guard} {{ }}\n"));
        }
        let module = module(&source);
        let mut indexed = Bench::of(&module);
        let mut asking = Bench::of(&without_index(module));
        for Said { who, room, text } in &events {
            let with = match room {
                Some(room) => indexed.message_in(room, who, text),
                None => indexed.message(who, text),
            };
            let without = match room {
                Some(room) => asking.message_in(room, who, text),
                None => asking.message(who, text),
            };
            prop_assert_eq!(with, without, "{} in {:?}: {}\n{}", who, room, text, source);
        }
    }
}
