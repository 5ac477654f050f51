//! What goes out.

use crate::network::{Does, House, Network, act, reply};
use carapace_channel_api::{
    Button, Content, ConversationId, DeliveryState, MediaSource, Operation, Outcome, RefusalKind, Target,
};
use carapace_effect::{Destination, FailureKind, Reach, Reported, Sent};
use serde_json::json;
use std::sync::Arc;

/// It stands in that conversation, under these ids.
fn stands(conversation: &str, ids: &[&str]) -> Reported {
    let answer = json!({ "channel": "main", "conversation": conversation, "id": ids.first() });
    let messages = ids.iter().map(|id| Arc::from(*id)).collect();
    Reported::Sent(answer, Sent { conversation: conversation.into(), messages, reach: Reach::Sent })
}

#[tokio::test]
async fn a_reply_quotes_and_takes_the_route_and_is_referred_to() {
    let network = Network::new("telegram", "main", []);
    let came = House::of(&[&network]).perform(reply(1, "hi")).await;
    assert_eq!(came, stands("c", &["m1"]));
    let [request] = &network.seen()[..] else { panic!() };
    assert_eq!(request.route.as_ref().unwrap().0, json!({ "token": 7 }));
    assert_eq!((request.key.as_str(), request.again), ("key1", false));
    let Operation::Send { to, content, reply_to } = &request.operation else { panic!() };
    assert_eq!(*to, Target::Conversation("c".into()));
    assert_eq!((content.text.as_str(), reply_to.as_ref().unwrap().as_str()), ("hi", "m0"));
}

#[tokio::test]
async fn what_goes_elsewhere_takes_no_route_and_quotes_nothing() {
    let network = Network::new("telegram", "main", []);
    let mut act = act(1, "chat.send", json!({ "content": "hi" }));
    act.to = Some(Destination::User { account: "main".into(), user: "bo".into() });
    let sent = Outcome::sent("m9").in_conversation(&ConversationId::from("dm-bo"));
    let scripted = Network::new("telegram", "main", [Does::Answers(sent)]);
    let came = House::of(&[&scripted]).perform(act.clone()).await;
    // Where a person was reached is known afterwards, so that the message can be changed later.
    assert_eq!(came, stands("dm-bo", &["m9"]));
    House::of(&[&network]).perform(act).await;
    let [request] = &network.seen()[..] else { panic!() };
    assert_eq!(request.route, None);
    let Operation::Send { to, reply_to, .. } = &request.operation else { panic!() };
    assert_eq!((to, reply_to), (&Target::User("bo".into()), &None));
}

#[tokio::test]
async fn a_long_text_goes_out_in_parts_each_with_a_key() {
    let network = Network::new("telegram", "main", []);
    let text = "word ".repeat(2_000);
    let came = House::of(&[&network]).perform(reply(1, &text)).await;
    assert_eq!(came, stands("c", &["m1", "m2", "m3"]));
    let seen = network.seen();
    let keys: Vec<&str> = seen.iter().map(|request| request.key.as_str()).collect();
    assert_eq!(keys, ["key1", "key1.1", "key1.2"]);
    let parts = seen.iter().map(|request| match &request.operation {
        Operation::Send { content, reply_to, .. } => (content.text.as_str(), reply_to.is_some()),
        other => panic!("{other:?}"),
    });
    let (texts, quotes): (Vec<&str>, Vec<bool>) = parts.unzip();
    assert_eq!((texts.concat(), quotes), (text, vec![true, false, false]));
}

#[tokio::test]
async fn parts_that_went_out_are_not_kept_quiet() {
    let refused = Outcome::refused(RefusalKind::Forbidden, "they blocked us");
    let network =
        Network::new("telegram", "main", [Does::Answers(Outcome::sent("m1")), Does::Answers(refused)]);
    let came = House::of(&[&network]).perform(reply(1, &"word ".repeat(2_000))).await;
    let Reported::Partly(sent, failure) = came else { panic!("{came:?}") };
    assert_eq!((&sent["id"], failure.kind), (&json!("m1"), FailureKind::Refused));
    assert_eq!(failure.message, "only 1 of 3 parts went out: they blocked us");
}

#[tokio::test]
async fn how_far_it_got_is_as_far_as_its_worst_part() {
    let got = |state| {
        let (messages, conversation) = (vec!["m".into()], None);
        Does::Answers(Outcome::Done { messages, conversation, state })
    };
    let script = [got(DeliveryState::Delivered), got(DeliveryState::Accepted), got(DeliveryState::Read)];
    let network = Network::new("telegram", "main", script);
    let came = House::of(&[&network]).perform(reply(1, &"word ".repeat(2_000))).await;
    assert!(matches!(&came, Reported::Sent(_, sent) if sent.reach == Reach::Accepted), "{came:?}");
}

#[tokio::test]
async fn a_question_has_our_buttons() {
    let network = Network::new("webchat", "main", []);
    let mut act = act(1, "chat.ask", json!({ "question": { "text": "Tea?" } }));
    act.question = true;
    act.buttons = vec![("ask/1/:1/0".into(), "yes".into()), ("ask/1/:1/1".into(), "no".into())];
    House::of(&[&network]).perform(act).await;
    let [request] = &network.seen()[..] else { panic!() };
    let Operation::Send { content, .. } = &request.operation else { panic!() };
    let buttons = vec![Button::new("ask/1/:1/0", "yes"), Button::new("ask/1/:1/1", "no")];
    assert_eq!(*content, Content::text("Tea?").with_buttons(buttons));
}

#[tokio::test]
async fn messages_are_changed_where_they_stand() {
    let network = Network::new("webchat", "main", []);
    let mut house = House::of(&[&network]);
    let message = json!({ "channel": "main", "conversation": "d", "id": "m5" });
    let edit = json!({ "content": { "text": "new" }, "message": message });
    assert_eq!(house.perform(act(1, "chat.edit", edit)).await, Reported::Done(json!(null)));
    house.perform(act(2, "chat.react", json!({ "emoji": "👍", "message": null }))).await;
    house.perform(act(3, "chat.delete", json!({ "message": message }))).await;
    house.perform(act(4, "chat.typing", json!({}))).await;
    let seen: Vec<Operation> = network.seen().into_iter().map(|request| request.operation).collect();
    assert_eq!(
        seen,
        [
            Operation::Edit { conversation: "d".into(), message: "m5".into(), content: Content::text("new") },
            // Where none is named it is the event's own.
            Operation::React {
                conversation: "c".into(),
                message: "m0".into(),
                emoji: "👍".into(),
                remove: false
            },
            Operation::Delete { conversation: "d".into(), message: "m5".into() },
            Operation::Typing { conversation: "c".into(), on: true },
        ]
    );
}

#[tokio::test]
async fn what_a_network_cannot_pass_on_is_said_again() {
    let unsupported = Outcome::refused(RefusalKind::Unsupported, "no");
    let network = Network::new("signal", "main", [Does::Answers(unsupported)]);
    let message = json!({ "id": "m0", "text": "look", "attachments": [] });
    let came = House::of(&[&network]).perform(act(1, "chat.forward", json!({ "message": message }))).await;
    assert!(matches!(came, Reported::Sent(..)), "{came:?}");
    let [first, second] = &network.seen()[..] else { panic!() };
    assert!(matches!(&first.operation, Operation::Forward { message, .. } if message.as_str() == "m0"));
    assert!(matches!(&second.operation, Operation::Send { content, .. } if content.text == "look"));
}

#[tokio::test]
async fn a_file_of_another_account_is_brought() {
    let (main, other) = (Network::new("telegram", "main", []), Network::new("webchat", "other", []));
    let mut house = House::of(&[&main, &other]);
    // `{"kind":"platform","reference":"cat"}` of the account `other`, as an event of it would name it.
    let url = "attachment:other/eyJraW5kIjoicGxhdGZvcm0iLCJyZWZlcmVuY2UiOiJjYXQifQ";
    let file = json!({ "kind": "image", "name": "cat.png", "media_type": "image/png", "url": url });
    house
        .perform(act(1, "chat.reply", json!({ "content": { "text": "look", "attachments": [file] } })))
        .await;
    let [request] = &main.seen()[..] else { panic!() };
    let Operation::Send { content, .. } = &request.operation else { panic!() };
    let MediaSource::Held { file } = &content.attachments[0].source else { panic!() };
    assert_eq!(std::fs::read(file.path()).unwrap(), b"meow");
    let gone = json!({ "kind": "image", "url": "attachment:nobody/eyJraW5kIjoicGxhdGZvcm0iLCJyZWZlcmVuY2UiOiJjYXQifQ" });
    let came = house.perform(act(2, "chat.reply", json!({ "content": { "attachments": [gone] } }))).await;
    assert!(matches!(&came, Reported::Failed(failure) if failure.message.contains("`nobody`")), "{came:?}");
}

#[tokio::test]
async fn what_makes_no_sense_fails_and_says_why() {
    let network = Network::new("webchat", "main", []);
    let mut house = House::of(&[&network]);
    let mut nowhere = reply(1, "hi");
    nowhere.to = Some(Destination::User { account: "gone".into(), user: "bo".into() });
    let mut kick = act(2, "chat.kick", json!({}));
    kick.origin = None;
    let mut lost = act(3, "chat.react", json!({ "emoji": "👍" }));
    lost.origin = None;
    for (act, why) in [(nowhere, "`gone`"), (kick, "`kick`"), (lost, "no message")] {
        let came = house.perform(act).await;
        let Reported::Failed(failure) = came else { panic!("{came:?}") };
        assert!(failure.kind == FailureKind::Unavailable && failure.message.contains(why), "{failure:?}");
    }
    assert!(network.seen().is_empty());
}
