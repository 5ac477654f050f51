//! Messages on their way out: whose turn it is, channels that are away, what waits too long, what failed.

use crate::bench::{Bench, HOUR, MINUTE, SECOND};
use carapace_effect::{FailureKind, Reach, Sent};
use carapace_engine::inspect::{OutboxFilter, Stands, find_message, outbox};
use carapace_engine::stored::{StaleFate, Staleness};
use carapace_engine::{ActId, Input, Receipt, Rejection, Reply, Reported, Wish};
use serde_json::json;

const REPLIES: &str =
    "flow f on chat.message {\n  reply(message.text) else e { log(\"{e.kind}: {e.message}\") }\n}";

fn slow(source: &str) -> Bench {
    let mut t = Bench::new(source);
    t.quick = false;
    t
}

/// What is said and done, without runs that start and end.
fn of(said: &[String]) -> Vec<&str> {
    said.iter()
        .map(String::as_str)
        .filter(|w| !w.starts_with("starts") && !w.ends_with("succeeded"))
        .collect()
}

fn away() -> Reported {
    Reported::Held { message: "no network".into(), after: None, whole: true }
}

fn stand(t: &Bench) -> Vec<(Stands, String)> {
    let listed = outbox(t.core.state(), &OutboxFilter::default());
    listed.messages.into_iter().map(|message| (message.state, message.text)).collect()
}

fn wish(t: &mut Bench, act: &ActId, wish: Wish) -> Vec<String> {
    t.submit(Input::Outbox { act: act.clone(), wish })
}

#[test]
fn a_conversation_has_one_message_on_its_way_and_the_next_goes_with_the_report() {
    let mut t = slow(REPLIES);
    assert_eq!(of(&t.message("ana", "a")), ["reply a → ana"]);
    assert!(of(&t.message("ana", "b")).is_empty(), "its turn has not come");
    assert!(of(&t.message("ana", "c")).is_empty());
    assert_eq!(of(&t.message("bo", "x")), ["reply x → bo"], "others do not wait");
    let queued = |text: &str| (Stands::Queued, text.to_owned());
    let sending = |text: &str| (Stands::Sending, text.to_owned());
    let mut stands = stand(&t);
    // Those on their way are of the same instant.
    stands[..2].sort();
    assert_eq!(stands, [sending("a"), sending("x"), queued("b"), queued("c")]);
    // What has not left is not sent twice after a crash, and not marked either.
    let said = t.crash();
    let mut again = of(&said);
    again.sort_unstable();
    assert_eq!(again, ["reply a → ana again", "reply x → bo again"]);
    assert_eq!(of(&t.done("reply a")), ["reply b → ana"]);
    assert_eq!(of(&t.done("reply b")), ["reply c → ana"]);
    t.done("reply c");
    t.done("reply x");
    assert!(stand(&t).is_empty() && t.core.state().outbox.is_empty());
}

#[test]
fn what_waits_leaves_with_its_run_and_what_is_abandoned_holds_up_nobody() {
    let mut t = slow("flow f on chat.message {\n  reply(message.text) within 1m else { return }\n}");
    t.message("ana", "a");
    t.message("ana", "b");
    t.pass(30 * SECOND);
    t.message("ana", "c");
    // The first two are given up: one is on its way and let go of, one never leaves; the third has its turn.
    let said = t.pass(31 * SECOND);
    assert_eq!(of(&said), ["lets go of reply a → ana", "reply c → ana"]);
    assert!(stand(&t).iter().all(|(_, text)| text != "b"));
}

#[test]
fn what_is_let_go_of_makes_room_for_what_is_asked_for_in_the_same_line() {
    let mut t = slow("flow f on chat.message {\n  reply(\"a\") within 1m else { }\n  reply(\"b\")\n}");
    t.message("ana", "go");
    assert_eq!(of(&t.pass(MINUTE)), ["lets go of reply a → ana", "reply b → ana"]);
}

#[test]
fn an_account_has_so_many_on_their_way_and_the_oldest_goes_next() {
    let mut t = slow(REPLIES);
    for n in 0..70 {
        t.message(&format!("p{n:02}"), "hi");
    }
    assert_eq!(t.acts.len(), 64);
    assert_eq!(of(&t.done("→ p07")), ["reply hi → p64"]);
    assert_eq!(of(&t.done("→ p64")), ["reply hi → p65"]);
}

#[test]
fn a_channel_that_is_away_is_tried_with_one_message_and_everything_follows_in_order() {
    let mut t = slow(REPLIES);
    t.message("ana", "a");
    t.message("bo", "x");
    t.message("ana", "b");
    assert!(of(&t.report("reply a", away())).is_empty());
    assert!(of(&t.report("reply x", away())).is_empty());
    assert!(of(&t.message("cy", "new")).is_empty(), "nothing goes to a channel that is away");
    let listed = outbox(t.core.state(), &OutboxFilter::default());
    assert_eq!((listed.total, &*listed.away[0].account, &*listed.away[0].why), (4, "net", "no network"));
    assert!(listed.messages.iter().all(|message| message.state == Stands::Queued && message.attempts == 0));
    // The pauses double, up to a minute, and their jitter is a fact.
    let mut tried = 0;
    for (low, high) in [(500, 1_000), (1_000, 2_000), (2_000, 4_000), (4_000, 8_000)] {
        let pause = t.core.next_due().unwrap() - t.now;
        assert!((low..=high).contains(&pause), "{pause}");
        assert_eq!(of(&t.pass(pause)), ["reply a → ana"], "one shows whether it is back");
        assert!(!t.act("reply a").again, "nothing of it left before");
        tried += 1;
        t.report("reply a", away());
    }
    assert_eq!(tried, 4);
    t.crash_deaf();
    let said = t.submit(Input::Channel { account: "net".into(), caught_up: true });
    assert_eq!(of(&said), ["reply a → ana", "reply x → bo", "reply new → cy"]);
    assert_eq!(of(&t.done("reply a")), ["reply b → ana"]);
}

#[test]
fn a_success_says_that_a_channel_is_back() {
    let mut t = slow(REPLIES);
    t.message("ana", "a");
    t.report("reply a", away());
    t.message("bo", "x");
    assert_eq!(of(&t.pass(SECOND)), ["reply a → ana"]);
    assert_eq!(of(&t.done("reply a")), ["reply x → bo"]);
    assert_eq!(t.core.next_due(), None, "nothing is left to be tried");
}

#[test]
fn a_pause_of_one_conversation_is_no_pause_of_others() {
    let mut t = slow(REPLIES);
    t.message("ana", "a");
    let slower = Reported::Held { message: "slower".into(), after: Some(MINUTE), whole: false };
    t.report("reply a", slower);
    assert!(of(&t.message("ana", "b")).is_empty());
    assert_eq!(of(&t.message("bo", "x")), ["reply x → bo"]);
    assert!(of(&t.pass(MINUTE - 1)).is_empty());
    assert_eq!(of(&t.pass(1)), ["reply a → ana"]);
    assert_eq!(of(&t.done("reply a")), ["reply b → ana"]);
}

#[test]
fn what_is_of_no_use_any_more_is_not_sent_after_an_outage() {
    let mut t =
        slow("flow f on chat.message {\n  reply(message.text) within 5m else e { log(\"{e.kind}\") }\n}");
    t.message("ana", "code 123");
    t.report("reply code", away());
    t.message("ana", "another");
    // The process is gone for an hour, and its channel is back before anything else happens.
    t.now += HOUR;
    let said = t.crash();
    assert!(!said.iter().any(|word| word.starts_with("reply")), "{said:?}");
    assert!(said.iter().filter(|word| word.starts_with("log")).count() == 2, "{said:?}");
    assert!(t.core.state().outbox.is_empty());
}

fn stale(fate: StaleFate) -> Input {
    Input::Staleness { account: "net".into(), staleness: Staleness { fate, after: HOUR } }
}

#[test]
fn late_messages_are_delivered_dropped_or_told_of_in_one() {
    for (fate, expected) in [
        (StaleFate::Deliver, vec!["reply a → ana", "reply b → ana", "reply c → ana"]),
        (StaleFate::Drop, vec!["reply c → ana"]),
        (
            StaleFate::Digest,
            vec![
                "send 2 messages for you were held back while nothing could be sent here for 80 min.\n“a”\n“b” → ana",
                "reply c → ana",
            ],
        ),
    ] {
        let mut t = slow(REPLIES);
        t.submit(stale(fate));
        t.message("ana", "a");
        t.report("reply a", away());
        t.message("ana", "b");
        t.submit(Input::Channel { account: "net".into(), caught_up: false });
        // Nobody is there for a while.
        t.now += 80 * MINUTE;
        let mut said = t.message("ana", "c");
        said.extend(t.submit(Input::Channel { account: "net".into(), caught_up: true }));
        while let Some(act) = t.acts.first().cloned() {
            let words = crate::bench::words_of(&act);
            said.extend(t.done(&words));
        }
        let (told, words): (Vec<&str>, Vec<&str>) = of(&said).into_iter().partition(|w| w.starts_with("log"));
        let kept = if fate == StaleFate::Deliver { 0 } else { 2 };
        assert_eq!(told, vec!["log not_performed: it waited 80 min for `net`, which is too long"; kept]);
        assert_eq!(words, expected, "{fate:?}");
        // What was kept back can still be sent by hand.
        let dead = stand(&t).iter().filter(|(state, _)| *state == Stands::Dead).count();
        assert_eq!(dead, kept);
    }
}

#[test]
fn what_failed_for_good_is_kept_and_sent_by_hand_under_another_key() {
    let mut t = slow(REPLIES);
    t.message("ana", "precious");
    let first = t.act("reply precious");
    assert_eq!(of(&t.failed("reply", FailureKind::Refused)), ["log refused: no"]);
    assert!(t.living().is_empty(), "its run is long over");
    let listed = outbox(t.core.state(), &OutboxFilter::default());
    let [message] = &listed.messages[..] else { panic!("{listed:?}") };
    assert_eq!((message.state, message.attempts, message.why.as_deref()), (Stands::Dead, 1, Some("no")));
    assert_eq!((&*message.text, &*message.flow, message.places.is_empty()), ("precious", "main.f", false));
    // Journal and checkpoint have it, too.
    assert!(of(&t.crash()).is_empty());
    let (_, act) = find_message(t.core.state(), &message.id).unwrap();
    assert_eq!(of(&wish(&mut t, &act, Wish::Retry)), ["reply precious → ana"]);
    let again = t.act("reply precious");
    assert_ne!(again.key, first.key, "a known failure was no attempt of this one");
    assert_eq!(stand(&t), [(Stands::Sending, "precious".to_owned())]);
    assert!(matches!(t.reply, Some(Reply::Done)));
    // The process dies meanwhile: it is sent again, with the same key.
    assert_eq!(of(&t.crash()), ["reply precious → ana again"]);
    assert_eq!(t.act("reply precious").key, again.key);
    t.failed("reply", FailureKind::Refused);
    assert_eq!(stand(&t), [(Stands::Dead, "precious".to_owned())]);
    wish(&mut t, &act, Wish::Retry);
    t.done("reply precious");
    assert!(stand(&t).is_empty());
    wish(&mut t, &act, Wish::Drop);
    assert!(matches!(&t.reply, Some(Reply::Rejected(Rejection { code: "E0961", .. }))), "{:?}", t.reply);
}

#[test]
fn what_is_tried_again_by_its_flow_is_no_dead_letter() {
    let mut t = slow("flow f on chat.message {\n  reply(message.text) retry 2 backoff 1s..1s\n}");
    t.message("ana", "a");
    t.failed("reply a", FailureKind::Transient);
    assert!(stand(&t).is_empty());
    t.pass(SECOND);
    t.done("reply a");
    assert!(stand(&t).is_empty());
    t.message("ana", "b");
    for _ in 0..3 {
        t.failed("reply b", FailureKind::Transient);
        t.pass(SECOND);
    }
    assert_eq!(stand(&t), [(Stands::Dead, "b".to_owned())], "once, at the end");
}

#[test]
fn what_waits_can_be_thrown_away_and_what_is_on_its_way_cannot() {
    let mut t = slow(REPLIES);
    t.message("ana", "a");
    t.message("ana", "b");
    let find = |t: &Bench, stands| {
        let filter = OutboxFilter { state: Some(stands), ..OutboxFilter::default() };
        let id = outbox(t.core.state(), &filter).messages[0].id.clone();
        find_message(t.core.state(), &id).unwrap().1
    };
    let (sending, queued) = (find(&t, Stands::Sending), find(&t, Stands::Queued));
    for (act, what) in [(&sending, Wish::Drop), (&sending, Wish::Retry), (&queued, Wish::Retry)] {
        wish(&mut t, act, what);
        assert!(matches!(&t.reply, Some(Reply::Rejected(Rejection { code: "E0962", .. }))), "{:?}", t.reply);
    }
    assert_eq!(of(&wish(&mut t, &queued, Wish::Drop)), ["log not_performed: a person threw it away"]);
    t.done("reply a");
    assert!(t.acts.is_empty());
}

#[test]
fn what_nobody_knows_is_sent_once_more_by_hand() {
    let mut t = slow("flow f on chat.message {\n  reply(message.text) at most once\n}");
    t.message("ana", "a");
    t.report("reply a", Reported::Unknown("?".into()));
    assert_eq!(stand(&t), [(Stands::Unknown, "a".to_owned())]);
    let (_, act) = find_message(t.core.state(), &t.run().to_string()).unwrap();
    assert_eq!(of(&wish(&mut t, &act, Wish::Retry)), ["reply a → ana again"]);
    t.done("reply a");
    assert!(t.living().is_empty() && stand(&t).is_empty());
}

#[test]
fn how_far_a_message_got_is_known_as_far_as_its_platform_says() {
    let mut t = slow(REPLIES);
    let sent = |id: &str| {
        let answer = json!({ "channel": "net", "conversation": "ana", "id": id });
        let messages = vec![id.into()];
        Reported::Sent(answer, Sent { conversation: "ana".into(), messages, reach: Reach::Sent })
    };
    for (text, id) in [("a", "m1"), ("b", "m2"), ("c", "m3")] {
        t.message("ana", text);
        t.report(&format!("reply {text}"), sent(id));
    }
    let got = |t: &Bench| -> Vec<(String, Option<Reach>)> {
        let filter = OutboxFilter { state: Some(Stands::Sent), ..OutboxFilter::default() };
        let listed = outbox(t.core.state(), &filter);
        listed.messages.into_iter().map(|message| (message.ids.concat(), message.reach)).collect()
    };
    let is = |id: &str, reach| (id.to_owned(), Some(reach));
    assert_eq!(got(&t), [is("m1", Reach::Sent), is("m2", Reach::Sent), is("m3", Reach::Sent)]);
    assert!(stand(&t).is_empty(), "what was sent is in no list of what was not");
    let receipt = |message: &str, conversation: &str, reach| {
        let (conversation, message) = (conversation.into(), message.into());
        Input::Receipt(Receipt { account: "net".into(), conversation, message, reach })
    };
    t.submit(receipt("m2", "ana", Reach::Read));
    assert_eq!(got(&t), [is("m1", Reach::Read), is("m2", Reach::Read), is("m3", Reach::Sent)]);
    // What is known already, what is unknown, and what comes too late say nothing.
    let lines = t.lines.len();
    t.submit(receipt("m2", "ana", Reach::Delivered));
    t.submit(receipt("m3", "bo", Reach::Read));
    t.submit(receipt("m9", "ana", Reach::Read));
    assert_eq!(t.lines.len(), lines);
    assert!(of(&t.crash()).is_empty());
    t.submit(receipt("m3", "ana", Reach::Delivered));
    assert_eq!(got(&t), [is("m1", Reach::Read), is("m2", Reach::Read), is("m3", Reach::Delivered)]);
}

#[test]
fn letters_are_bounded_and_what_is_forgotten_is_counted() {
    let mut t = slow(REPLIES);
    for n in 0..503 {
        t.message("ana", &format!("m{n}"));
        t.failed("reply", FailureKind::Refused);
    }
    let listed = outbox(t.core.state(), &OutboxFilter { limit: Some(1), ..OutboxFilter::default() });
    assert_eq!((listed.total, listed.forgotten, &*listed.messages[0].text), (500, 3, "m3"));
}
