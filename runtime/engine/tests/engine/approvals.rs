//! Whose word counts: who has to agree to what an agent calls, and whom it is called for.

use crate::bench::{Bench, DAY, HOUR, MINUTE, bindings, module};
use crate::sessions::{calls, recalled, says};
use carapace_engine::{Binding, Deploy, EventKind, Input};
use serde_json::{Value as Json, json};

#[test]
fn who_has_to_agree_is_asked_and_what_they_say_counts() {
    let source = r#"
agent clerk {
  model: "test/model"
  tools: [refund]
  approve: { refund: if amount > 10 EUR { managers } else { none } }
  patience: 2h
}
tool refund(order: Text, amount: Money) -> Text { return "back {amount}" }
flow talk on chat.message where message.text starts with "say " {
  reply(clerk.chat(message.text) else e { "sorry: {e.message}" })
}
"#;
    let give = |amount: &str| {
        calls(&[(
            "a",
            "main.refund",
            json!({ "order": "7", "amount": { "amount": amount, "currency": "EUR" } }),
        )])
    };
    let asked = "clerk wants to call refund(order: \"7\", amount: 20 EUR)";
    let begin = |amount: &str| {
        let mut t = Bench::new(source);
        t.message("ana", "say one");
        let followed = t.report("say one", give(amount));
        (t, followed)
    };
    let (t, followed) = begin("10");
    assert!(!followed.iter().any(|line| line.contains("wants to call")), "{followed:?}");
    assert_eq!(recalled(&t.act("say one")).last().map(String::as_str), Some("a = \"back 10 EUR\""));

    let (mut t, followed) = begin("20");
    assert_eq!(followed.iter().filter(|line| line.contains(asked)).count(), 2, "{followed:?}");
    t.crash();
    t.message("cy", "yes");
    assert_eq!(recalled(&t.act("say one")).last().map(String::as_str), Some("a = \"back 20 EUR\""));

    let (mut t, _) = begin("20");
    t.message("bo", "no");
    assert_eq!(recalled(&t.act("say one")).last().map(String::as_str), Some("a failed: bo refused"));

    let (mut t, _) = begin("20");
    t.message("eve", "yes");
    assert!(t.acts.is_empty(), "who is no manager has no say");
    t.pass(2 * HOUR);
    assert_eq!(
        recalled(&t.act("say one")).last().map(String::as_str),
        Some("a failed: nobody agreed in time")
    );
}

#[test]
fn who_agrees_may_be_on_another_network_and_nobody_is_taken_for_them() {
    let source = r#"
agent clerk {
  model: "test/model"
  tools: [refund]
  approve: { refund: managers }
}
tool refund(order: Text) -> Text { return "back {order}" }
flow talk on chat.message where message.text starts with "say " {
  reply(clerk.chat(message.text) else e { "sorry: {e.message}" })
}
"#;
    // Customers write on `site`; managers are asked on `net`, which is no channel of the package.
    let mut bound = bindings();
    bound.insert("main.chat".into(), Binding::Channel { accounts: vec!["site".into()] });
    let deploy = Deploy { module: module(source).to_bytes().into(), bindings: bound, ..Deploy::default() };
    let mut t = Bench::empty();
    t.submit(Input::Deploy(Box::new(deploy)));
    let on_site = |t: &mut Bench, who: &str, text: &str| {
        let mut event = t.said(who, None, text);
        let EventKind::Channel { account, .. } = &mut event.kind else { unreachable!("a channel's event") };
        *account = "site".into();
        event.origin.as_mut().unwrap().account = "site".into();
        for who in ["sender", "conversation"] {
            event.fields[who]["channel"] = json!("site");
        }
        t.event(event)
    };
    on_site(&mut t, "ana", "say one");
    let followed = t.report("say one", calls(&[("a", "main.refund", json!({ "order": "7" }))]));
    let asked = |who: &str| followed.iter().any(|line| line.contains("wants to call") && line.ends_with(who));
    assert!(asked("→ @bo") && asked("→ @cy"), "{followed:?}");
    // Names are those of one network: whoever calls themselves `bo` on another is somebody else, and has not been asked.
    on_site(&mut t, "bo", "yes");
    assert!(t.acts.is_empty(), "{:?}", t.acts);
    // Nor does an answer count that is given where others read along.
    t.message_in("room", "bo", "yes");
    assert!(t.acts.is_empty(), "{:?}", t.acts);
    t.crash();
    t.pass(HOUR);
    t.message("bo", "yes");
    assert_eq!(recalled(&t.act("say one")).last().map(String::as_str), Some("a = \"back 7\""));
    let followed = t.report("say one", says("Done."));
    assert!(followed.iter().any(|line| line == "reply Done. → ana"), "{followed:?}");
}

#[test]
fn the_time_in_which_somebody_is_asked_does_not_count_against_a_turn() {
    let source = r#"
agent clerk {
  model: "test/model"
  tools: [refund]
  approve: { refund: managers }
}
tool refund(order: Text) -> Text {
  let second = approve("really {order}?", by: managers)
  return if second.approved { "back" } else { "not" }
}
flow talk on chat.message where message.text starts with "say " {
  reply(clerk.chat(message.text) within 10m else e { "sorry ({e.kind})" })
}
"#;
    let give = || calls(&[("a", "main.refund", json!({ "order": "7" }))]);
    let begin = || {
        let mut t = Bench::new(source);
        t.message("ana", "say one");
        t.pass(4 * MINUTE);
        t.report("say one", give());
        t
    };
    let late = |followed: &[String]| followed.iter().any(|line| line.contains("sorry (timeout)"));

    // Four minutes are used up; then two people are asked, one after the other, for hours, and over a restart.
    let mut t = begin();
    assert!(!late(&t.pass(3 * HOUR)));
    t.message("bo", "yes");
    t.crash();
    assert!(!late(&t.pass(5 * HOUR)));
    t.message("cy", "yes");
    assert_eq!(recalled(&t.act("say one")).last().map(String::as_str), Some("a = \"back\""));
    // Six are left.
    assert!(!late(&t.pass(5 * MINUTE)));
    assert!(late(&t.pass(2 * MINUTE)), "what is left is what was");

    // Nobody is asked: it counts.
    let mut t = Bench::new(source);
    t.message("ana", "say one");
    assert!(!late(&t.pass(9 * MINUTE)));
    assert!(late(&t.pass(2 * MINUTE)));
}

#[test]
fn who_writes_says_the_run_and_nobody_else() {
    let source = r#"
agent clerk {
  model: "test/model"
  tools: [orders]
}
tool orders(sender: User, most: Int = 3) -> Text { return "{most} orders of {sender.id}" }
tool count(most: Int) -> Int { return most }
flow talk on chat.message { reply(clerk.chat(message.text)) }
flow daily on every(1d) { clerk.chat("look") else "" }
"#;
    let bo = json!({ "id": "bo", "name": "bo", "bot": false, "channel": "main.chat" });
    let mut t = Bench::new(source);
    t.message("ana", "say one");
    let told = &t.act("say one").agent.as_ref().unwrap().tools[0].parameters.clone();
    assert!(told["properties"].get("sender").is_none() && told["properties"].get("most").is_some(), "{told}");
    t.report("say one", calls(&[("a", "main.orders", json!({ "sender": bo.clone() }))]));
    assert_eq!(recalled(&t.act("say one")).last().map(String::as_str), Some("a = \"3 orders of ana\""));
    // Nobody writes: there is nobody whose orders they could be.
    t.pass(DAY);
    t.report("look", calls(&[("b", "main.orders", json!({ "sender": bo.clone() }))]));
    let last = recalled(&t.act("look")).pop().unwrap();
    assert!(last.contains("nobody wrote"), "{last}");
    // Nor may a program from outside say so; what is about nobody it may call.
    let mut invoke = |flow: &str, arguments: Json| {
        let arguments = arguments.as_object().cloned().unwrap();
        t.submit(Input::Invoke { by: "tess".into(), package: "main".into(), flow: flow.into(), arguments });
        format!("{:?}", t.reply)
    };
    let refused = invoke("main.orders", json!({ "sender": bo, "most": 1 }));
    assert!(refused.contains("Rejected") && refused.contains("is about the sender"), "{refused}");
    assert!(invoke("main.count", json!({ "most": 1 })).contains("Started"));
    assert!(invoke("main.count", json!({ "most": "x" })).contains("`most` does not fit"));
    assert!(invoke("main.count", json!({})).contains("`most` is missing"));
    assert!(invoke("main.count", json!({ "most": 1, "more": 2 })).contains("no parameter `more`"));
    assert!(invoke("main.talk", json!({})).contains("starts by itself"));
}
