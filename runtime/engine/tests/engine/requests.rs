//! Requests of webhooks: what they start, what is kept of them, and when nothing answers them any more.

use crate::bench::{Bench, DAY, MINUTE, SECOND, module, webhook};
use carapace_engine::{Event, EventKind, Reply};
use carapace_module::Module;
use serde_json::json;

fn of_f(said: &[String]) -> Vec<&str> {
    let ours = |line: &&str| ["responds", "send"].iter().any(|word| line.starts_with(word));
    said.iter().map(String::as_str).filter(ours).collect()
}

#[test]
fn fifty_at_once_start_one_run_and_know_it() {
    let mut t = Bench::new("flow hook on webhook(\"/x\", body: Int) { wait(1m)\n respond(200, body) }");
    t.event(webhook("/x", Some("1"), json!(5)));
    let first = t.call.clone().unwrap();
    assert_eq!((first.runs.len(), first.open), (1, true));
    for round in 0..50 {
        if round == 25 {
            t.crash();
        }
        t.event(webhook("/x", Some("1"), json!(5)));
        assert_eq!(t.reply, Some(Reply::Duplicate));
        assert_eq!(t.call.as_ref(), Some(&first));
    }
    assert_eq!(of_f(&t.pass(MINUTE)), ["responds 200 5"]);
    t.event(webhook("/x", Some("1"), json!(5)));
    assert!(matches!(&t.reply, Some(Reply::Answered(answer)) if answer.body == json!(5)), "{:?}", t.reply);
    assert_eq!(t.call.as_ref().map(|call| (&call.runs, call.open)), Some((&first.runs, false)));
}

#[test]
fn the_same_id_with_another_body_starts_nothing() {
    let mut t = Bench::new("flow hook on webhook(\"/x\", body: Int) { send(\"{body}\", to: oncall) }");
    assert!(of_f(&t.event(webhook("/x", Some("1"), json!(5)))).contains(&"send 5 → oncall"));
    for _ in 0..2 {
        let lines = t.lines.len();
        assert_eq!(t.event(webhook("/x", Some("1"), json!(6))), Vec::<String>::new());
        assert!(matches!(&t.reply, Some(Reply::Rejected(why)) if why.code == "E1051"), "{:?}", t.reply);
        assert_eq!(t.lines.len(), lines, "and nothing is written down");
        t.event(webhook("/x", Some("1"), json!(5)));
        assert_eq!(t.reply, Some(Reply::Duplicate));
        t.crash();
    }
    t.pass(7 * DAY);
    assert!(of_f(&t.event(webhook("/x", Some("1"), json!(6)))).contains(&"send 6 → oncall"));
}

#[test]
fn it_is_told_when_nothing_answers_any_more() {
    for (body, after) in
        [("log(\"done\")", 0), ("fail(\"no\")", 0), ("wait(1m)", MINUTE), ("wait(1m)\n fail(\"no\")", MINUTE)]
    {
        let mut t = Bench::new(&format!("flow hook on webhook(\"/x\") {{ {body} }}"));
        let mut said = t.event(webhook("/x", None, json!({})));
        assert_eq!(t.call.as_ref().map(|call| call.runs.len()), Some(1), "{body}");
        if after > 0 {
            assert!(!said.contains(&"leaves a request".to_owned()), "{body}: {said:?}");
            said = t.pass(after);
        }
        assert!(said.contains(&"leaves a request".to_owned()), "{body}: {said:?}");
    }
    let mut t = Bench::new("flow hook on webhook(\"/x\") { respond(200, \"yes\") }");
    assert_eq!(of_f(&t.event(webhook("/x", None, json!({})))), ["responds 200 \"yes\""]);
    assert_eq!(t.pass(SECOND), Vec::<String>::new());
    // One that nobody takes is left at once.
    let mut t = Bench::new("flow hook on webhook(\"/x\", body: Int) where body > 3 { log(\"big\") }");
    t.event(webhook("/x", None, json!(1)));
    assert_eq!(t.reply, Some(Reply::Accepted));
    assert_eq!(t.call.as_ref().map(|call| (call.runs.len(), call.open)), Some((0, false)));
}

#[test]
fn a_request_for_a_full_lane_never_came() {
    let mut t = Bench::new(
        "flow hook on webhook(\"/x\", body: Int) serial by body timeout 1d { wait(1h)\n respond(200, body) }",
    );
    let mut taken = 0;
    loop {
        let lines = t.lines.len();
        t.core.event(t.now, webhook("/x", Some(&taken.to_string()), json!(1)));
        t.core.pump(t.now);
        let _ = t.core.take_outgoing(u64::MAX);
        let new = t.core.take_lines();
        t.lines.extend(new);
        if t.lines.len() == lines {
            break;
        }
        taken += 1;
        assert!(taken < 100_000, "no lane is ever full");
    }
    t.event(webhook("/x", Some(&taken.to_string()), json!(1)));
    assert!(matches!(t.reply, Some(Reply::Busy(_))), "{:?}", t.reply);
    t.event(webhook("/x", Some(&taken.to_string()), json!(2)));
    assert_eq!(t.reply, Some(Reply::Accepted), "another key, another lane; and the id is not taken");
}

#[test]
fn a_request_is_for_one_package() {
    let named = |name: &str| Module {
        package: name.into(),
        ..module(&format!("flow hook on webhook(\"/x\", body: Int) {{ respond(200, \"{name}\") }}"))
    };
    let mut t = Bench::of(&named("shop"));
    t.deploy(&named("bank"));
    for package in ["shop", "bank"] {
        let event = webhook("/x", Some("1"), json!(1));
        let kind = match event.kind {
            EventKind::Webhook { path, method, id, .. } => {
                EventKind::Webhook { package: Some(package.into()), path, method, id }
            }
            other => other,
        };
        assert_eq!(of_f(&t.event(Event { kind, ..event })), [format!("responds 200 \"{package}\"")]);
    }
}

#[test]
fn an_answer_that_no_server_could_give_fails() {
    let mut t = Bench::new(
        r#"
flow hook on webhook("/x", body: Int) {
  respond(body, "x") else e { send(e.message, to: oncall) }
  respond(200, "x", headers: ["a b": "c"]) else e { send(e.message, to: oncall) }
  respond(204, "")
}
"#,
    );
    let said = t.event(webhook("/x", None, json!(99)));
    let said = of_f(&said);
    assert!(said.iter().any(|line| line.contains("`99` is no status")), "{said:?}");
    assert!(said.iter().any(|line| line.contains("`a b` is no header's name")), "{said:?}");
    assert!(said.contains(&r#"responds 204 """#), "{said:?}");
}

/// A start by hand that has an id, where one is given.
fn by_hand(flow: &str, id: Option<&str>, input: serde_json::Value) -> Event {
    let kind = EventKind::Manual { flow: flow.into(), id: id.map(Into::into) };
    Event { kind, origin: None, at: None, fields: [("input".to_owned(), input)].into_iter().collect() }
}

#[test]
fn a_start_by_hand_with_an_id_starts_one_run() {
    let mut t = Bench::new(
        "flow count on manual(Int) { send(\"{input}\", to: oncall) }\nflow other on manual(Int) { log(\"{input}\") }",
    );
    assert_eq!(of_f(&t.event(by_hand("main.count", Some("a"), json!(5)))), ["send 5 → oncall"]);
    let first = t.call.clone().unwrap();
    assert_eq!((first.runs.len(), first.open), (1, false), "nothing answers it: {first:?}");
    for round in 0..4 {
        if round == 2 {
            t.crash();
        }
        assert_eq!(t.event(by_hand("main.count", Some("a"), json!(5))), Vec::<String>::new());
        assert_eq!((&t.reply, &t.call), (&Some(Reply::Duplicate), &Some(first.clone())));
        for other in [by_hand("main.count", Some("a"), json!(6)), by_hand("main.other", Some("a"), json!(5))]
        {
            let lines = t.lines.len();
            assert_eq!(t.event(other), Vec::<String>::new());
            assert!(matches!(&t.reply, Some(Reply::Rejected(why)) if why.code == "E1143"), "{:?}", t.reply);
            assert_eq!(t.lines.len(), lines, "and nothing is written down");
        }
    }
    assert_eq!(of_f(&t.event(by_hand("main.count", Some("b"), json!(5)))), ["send 5 → oncall"]);
    // Without one, each is another.
    for _ in 0..2 {
        assert_eq!(of_f(&t.event(by_hand("main.count", None, json!(5)))), ["send 5 → oncall"]);
    }
    t.pass(7 * DAY);
    assert_eq!(of_f(&t.event(by_hand("main.count", Some("a"), json!(6)))), ["send 6 → oncall"]);
}
