//! Answers that are shown while they are written: what people see, and what becomes of it. Time is simulated.

use crate::network::{Does, House, Network, act, reply};
use carapace_channel_api::{Operation, Outbound, Outcome, RefusalKind};
use carapace_delivery::Words;
use carapace_effect::{Act, FailureKind, OpId, Preview, Reported, TaskPath};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The preview that operation 0 began.
fn preview(message: Option<&str>) -> Option<Preview> {
    let op = OpId { task: TaskPath::default(), ordinal: 0 };
    Some(Preview { op, message: message.map(Arc::from) })
}

/// A step in which a model writes.
fn step(ordinal: u32) -> Act {
    Act { to: None, preview: preview(None), ..act(ordinal, "exchange.think", json!({})) }
}

/// The answer.
fn answer(ordinal: u32, text: &str) -> Act {
    Act { preview: preview(None), ..reply(ordinal, text) }
}

/// There is none.
fn retraction(ordinal: u32) -> Act {
    Act { preview: preview(None), ..act(ordinal, "chat.retract", json!({})) }
}

/// A request in words.
fn words(request: &Outbound) -> String {
    match &request.operation {
        Operation::Send { content, reply_to, .. } => {
            let quoted = reply_to.as_ref().map(|message| format!(" ({message})")).unwrap_or_default();
            format!("send{quoted} {}", content.text)
        }
        Operation::Edit { message, content, .. } => format!("edit {message} {}", content.text),
        Operation::Delete { message, .. } => format!("delete {message}"),
        Operation::Typing { .. } => "typing".to_owned(),
        Operation::Preview { text, .. } => format!("preview {text}"),
        other => format!("{other:?}"),
    }
}

fn seen(network: &Network) -> Vec<String> {
    network.seen().iter().map(words).collect()
}

/// Whatever goes on by itself within so many seconds, goes on.
async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_grows_in_a_message_that_becomes_it() {
    let network = Network::new("discord", "main", []);
    let mut house = House::of(&[&network]);
    let step = step(1);
    house.delivery.preview(step.clone().into());
    pass(1).await;
    house.writes(&step, "Hel");
    assert_eq!(house.previewed().await.as_deref(), Some("m2"));
    house.writes(&step, "lo, An");
    pass(5).await;
    let came = house.perform(answer(2, "Hello, Ana.")).await;
    let Reported::Sent(reference, sent) = came else { panic!("{came:?}") };
    assert_eq!((&reference["id"], &sent.messages[..]), (&json!("m2"), &["m2".into()][..]));
    assert_eq!(
        seen(&network),
        ["typing", "send (m0) Hel …", "edit m2 Hello, An …", "edit m2 Hello, Ana."],
        "one message, which quotes as the answer would have"
    );
}

#[tokio::test(start_paused = true)]
async fn a_network_with_previews_gets_them_and_then_the_answer() {
    let network = Network::new("webchat", "main", []);
    let mut house = House::of(&[&network]);
    let step = step(1);
    house.delivery.preview(step.clone().into());
    house.writes(&step, "Hello, ");
    pass(1).await;
    house.writes(&step, "Ana");
    pass(5).await;
    assert!(matches!(house.perform(answer(2, "Hello, Ana.")).await, Reported::Sent(..)));
    let all = ["typing", "preview Hello,", "preview Hello, Ana", "send (m0) Hello, Ana."];
    assert_eq!(seen(&network), all);
    let named: Vec<Option<String>> = network.seen().into_iter().map(|request| request.preview).collect();
    let Operation::Preview { preview, .. } = &network.seen()[1].operation else { panic!() };
    assert_eq!(named.last().unwrap().as_ref(), Some(preview), "the answer says whose place it takes");
}

#[tokio::test(start_paused = true)]
async fn where_a_conversation_has_none_a_message_is_changed_instead() {
    let refused = Outcome::refused(RefusalKind::Unsupported, "only private chats have previews");
    let script = [Does::Answers(Outcome::done()), Does::Answers(refused)];
    let network = Network::new("telegram", "main", script);
    let mut house = House::of(&[&network]);
    let step = step(1);
    house.delivery.preview(step.clone().into());
    house.writes(&step, "So");
    assert_eq!(house.previewed().await.as_deref(), Some("m3"));
    house.writes(&step, " it is");
    pass(10).await;
    assert!(matches!(house.perform(answer(2, "So it is.")).await, Reported::Sent(..)));
    assert_eq!(
        seen(&network),
        ["typing", "preview So", "send (m0) So …", "edit m3 So it is …", "edit m3 So it is."]
    );
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_be_changed_somebody_is_seen_typing() {
    let network = Network::new("line", "main", []);
    let mut house = House::of(&[&network]);
    let step = step(1);
    house.delivery.preview(step.clone().into());
    house.writes(&step, "Wait");
    pass(11).await;
    house.delivery.written(step.id.run, step.id.op.clone(), 1, Words::Over);
    pass(60).await;
    assert!(matches!(house.perform(answer(2, "Wait.")).await, Reported::Sent(..)));
    let (last, before) = seen(&network).split_last().map(|(l, b)| (l.clone(), b.to_vec())).unwrap();
    assert_eq!(last, "send (m0) Wait.");
    assert!(!before.is_empty() && before.iter().all(|line| line == "typing"), "{before:?}");
    assert!(before.len() <= 12, "and not all the time: {before:?}");
}

#[tokio::test(start_paused = true)]
async fn what_shows_of_an_answer_that_never_comes_is_taken_away() {
    for (kind, last) in [("discord", "delete m2"), ("webchat", "preview ")] {
        let network = Network::new(kind, "main", []);
        let mut house = House::of(&[&network]);
        let step = step(1);
        house.delivery.preview(step.clone().into());
        pass(1).await;
        house.writes(&step, "I th");
        pass(1).await;
        assert_eq!(house.perform(retraction(2)).await, Reported::Done(json!(null)), "{kind}");
        assert_eq!(seen(&network).last().unwrap(), last, "{kind}");
        let count = network.seen().len();
        house.writes(&step, "ink");
        pass(60).await;
        assert_eq!(network.seen().len(), count, "nothing is shown any more");
    }
    // Where nothing was shown, nobody is asked for anything; where it is gone already, that is no failure.
    let gone = Outcome::refused(RefusalKind::NotFound, "message to delete not found");
    let network = Network::new("discord", "main", [Does::Answers(gone)]);
    let mut house = House::of(&[&network]);
    assert_eq!(house.perform(retraction(2)).await, Reported::Done(json!(null)));
    assert!(network.seen().is_empty());
    let left = Act { preview: preview(Some("m7")), ..retraction(3) };
    assert_eq!(house.perform(left).await, Reported::Done(json!(null)));
    assert_eq!(seen(&network), ["delete m7"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_process_before_this_one_showed_becomes_the_answer() {
    let network = Network::new("discord", "main", []);
    let mut house = House::of(&[&network]);
    let kept = |act: Act| Act { preview: preview(Some("m7")), ..act };
    let step = kept(step(1));
    house.delivery.preview(step.clone().into());
    house.writes(&step, "Once more");
    pass(3).await;
    let came = house.perform(kept(answer(2, "Once more, then."))).await;
    assert!(matches!(came, Reported::Sent(..)), "{came:?}");
    assert_eq!(seen(&network), ["typing", "edit m7 Once more …", "edit m7 Once more, then."]);
    // Nobody knows whether it was changed: it is again, and that is no second one.
    let again = Act { again: true, attempt: 2, ..kept(answer(2, "Once more, then.")) };
    assert!(matches!(house.perform(again).await, Reported::Sent(..)));
    assert_eq!(seen(&network).last().unwrap(), "edit m7 Once more, then.");
}

#[tokio::test(start_paused = true)]
async fn an_answer_whose_message_is_gone_is_sent_as_one_of_its_own() {
    for kind in [RefusalKind::NotFound, RefusalKind::TooLarge, RefusalKind::Forbidden] {
        let network = Network::new("discord", "main", [Does::Answers(Outcome::refused(kind, "no"))]);
        let mut house = House::of(&[&network]);
        let came = house.perform(Act { preview: preview(Some("m7")), ..answer(2, "Hello.") }).await;
        let Reported::Sent(_, sent) = came else { panic!("{came:?}") };
        assert_eq!(sent.messages, ["m3".into()], "{kind:?}");
        assert_eq!(seen(&network), ["edit m7 Hello.", "delete m7", "send (m0) Hello."]);
    }
    // Where it cannot be sent either, nothing is left that looks like an answer.
    let script = ["no", "no", "no"].map(|why| Does::Answers(Outcome::refused(RefusalKind::Forbidden, why)));
    let network = Network::new("discord", "main", script);
    let mut house = House::of(&[&network]);
    let came = house.perform(Act { preview: preview(Some("m7")), ..answer(2, "Hello.") }).await;
    assert!(matches!(came, Reported::Failed(ref f) if f.kind == FailureKind::Refused), "{came:?}");
    assert_eq!(seen(&network), ["edit m7 Hello.", "delete m7", "send (m0) Hello."]);
}

#[tokio::test(start_paused = true)]
async fn what_a_tool_says_does_not_come_to_stand_below_the_answer() {
    let network = Network::new("discord", "main", []);
    let mut house = House::of(&[&network]);
    let first = step(1);
    house.delivery.preview(first.clone().into());
    pass(1).await;
    house.writes(&first, "I look it up.");
    assert_eq!(house.previewed().await.as_deref(), Some("m2"));
    house.delivery.written(first.id.run, first.id.op.clone(), 1, Words::Over);
    house.perform(reply(2, "Order 7 is on its way.")).await;
    assert_eq!(house.previewed().await, None, "it is not said any more that a message shows it");
    let second = step(3);
    house.delivery.preview(second.clone().into());
    pass(6).await;
    house.writes(&second, "It comes");
    pass(10).await;
    house.perform(answer(4, "It comes today.")).await;
    let told: Vec<String> = seen(&network).into_iter().filter(|line| line != "typing").collect();
    assert_eq!(
        told[..4],
        [
            "send (m0) I look it up. …",
            "delete m2",
            "send (m0) Order 7 is on its way.",
            "send (m0) It comes …"
        ]
    );
    assert!(told[4].starts_with("edit m") && told[4].ends_with(" It comes today."), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn the_words_of_a_step_stay_until_the_next_has_some() {
    let network = Network::new("webchat", "main", []);
    let house = House::of(&[&network]);
    for (n, text) in [(1, "I look."), (2, ""), (3, "Found it.")] {
        let step = step(n);
        house.delivery.preview(step.clone().into());
        house.writes(&step, text);
        pass(20).await;
        // Whoever is asked again begins again, and an attempt that is over says nothing any more.
        house.delivery.written(step.id.run, step.id.op.clone(), 7, Words::Text("not this".into()));
        house.delivery.written(step.id.run, step.id.op.clone(), 1, Words::Over);
    }
    let shown: Vec<String> = seen(&network).into_iter().filter(|line| line != "typing").collect();
    assert_eq!(shown, ["preview I look.", "preview Found it."]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_shown_in_the_way_of_what_is_sent() {
    let (let_go, waits) = oneshot::channel();
    let network = Network::new("webchat", "main", [Does::Waits(waits)]);
    let mut house = House::of(&[&network]);
    house.delivery.perform(reply(9, "on its way").into());
    let step = step(1);
    house.delivery.preview(step.clone().into());
    house.writes(&step, "Hello");
    house.delivery.perform(answer(2, "Hello.").into());
    pass(30).await;
    assert_eq!(seen(&network), ["send (m0) on its way"], "it waits for what was there before");
    let_go.send(Outcome::sent("m1")).unwrap();
    house.report().await;
    house.report().await;
    pass(60).await;
    assert_eq!(seen(&network), ["send (m0) on its way", "send (m0) Hello."], "and then the answer is there");
}

#[tokio::test(start_paused = true)]
async fn changes_are_rare_and_become_rarer() {
    let network = Network::new("discord", "main", []);
    let mut house = House::of(&[&network]);
    let step = step(1);
    house.delivery.preview(step.clone().into());
    for _ in 0..600 {
        house.writes(&step, "word ");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let count = network.seen().len();
    assert!((8..=20).contains(&count), "Telegram takes twenty a minute in a group, and this makes {count}");
    house.perform(answer(2, &"word ".repeat(600))).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_long_for_one_message_goes_on_in_others() {
    let network = Network::new("discord", "main", []);
    let mut house = House::of(&[&network]);
    let text = "word ".repeat(900);
    let step = step(1);
    house.delivery.preview(step.clone().into());
    house.writes(&step, &text);
    pass(3).await;
    let came = house.perform(answer(2, &text)).await;
    let Reported::Sent(_, sent) = came else { panic!("{came:?}") };
    assert_eq!(sent.messages.len(), 3);
    let mut parts = Vec::new();
    for request in network.seen() {
        match request.operation {
            Operation::Send { content, .. } | Operation::Edit { content, .. } => parts.push(content.text),
            _ => {}
        }
    }
    assert!(parts.iter().all(|part| part.chars().count() <= 2_000));
    assert_eq!(parts.split_off(1).concat(), text, "nothing is lost");
    assert!(parts[0].ends_with(" …"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_shown_costs_nothing_but_that() {
    let unknown = Outcome::Unknown { message: "the connection broke".to_owned() };
    let script = [Does::Answers(Outcome::done()), Does::Answers(unknown)];
    let network = Network::new("discord", "main", script);
    let mut house = House::of(&[&network]);
    let step = step(1);
    house.delivery.preview(step.clone().into());
    pass(1).await;
    house.writes(&step, "Hello");
    pass(1).await;
    house.writes(&step, ", Ana");
    house.delivery.lost();
    pass(30).await;
    let told = |network: &Network| -> Vec<String> {
        seen(network).into_iter().filter(|line| line != "typing").collect()
    };
    assert_eq!(told(&network), ["send (m0) Hello …"], "no second one beside what may be there");
    assert!(matches!(house.perform(answer(2, "Hello, Ana.")).await, Reported::Sent(..)));
    assert_eq!(told(&network), ["send (m0) Hello …", "send (m0) Hello, Ana."]);
}
