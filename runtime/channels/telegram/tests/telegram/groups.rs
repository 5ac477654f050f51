//! Groups: what is meant for the bot, topics, groups that become others.

use crate::bot::{Bot, options};
use crate::simulator::{BOT, Fault, Simulator, World};
use carapace_channel_api::access::Groups;
use carapace_channel_api::{Content, Operation, Outcome, RefusalKind, Target};
use serde_json::{Value, json};

const ANA: i64 = 1001;
const CLUB: i64 = -1_001_000;

fn said(simulator: &Simulator, fields: &Value) {
    let message = simulator.world().message(CLUB, ANA, fields);
    simulator.push(json!({ "message": message }));
}

#[tokio::test]
async fn only_what_is_meant_for_it_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    let mention = |text: &str, offset: usize, length: usize| json!({ "text": text, "entities": [{ "type": "mention", "offset": offset, "length": length }] });
    let answered = json!({ "message_id": 1, "from": { "id": BOT }, "chat": { "id": CLUB }, "text": "?" });
    let other = json!({ "message_id": 1, "from": { "id": 5 }, "chat": { "id": CLUB }, "text": "?" });
    for (heard, fields) in [
        (false, json!({ "text": "good morning" })),
        (true, mention("👋 @The_Test_Bot hi", 3, 13)),
        (false, mention("👋 @the_other_bot hi", 3, 14)),
        (false, mention("@the_test_bot", 90, 13)),
        (true, json!({ "text": "an answer", "reply_to_message": answered })),
        (false, json!({ "text": "an answer", "reply_to_message": other })),
        (true, json!({ "text": "/help" })),
        (true, json!({ "text": "/help@THE_TEST_BOT now" })),
        (false, json!({ "text": "/help@the_other_bot now" })),
        (
            true,
            json!({ "text": "Hey", "entities": [{ "type": "text_mention", "offset": 0, "length": 3, "user": { "id": BOT } }] }),
        ),
        (false, json!({ "text": "/ not a command" })),
    ] {
        said(&simulator, &fields);
        if heard {
            let (_, message) = bot.message().await;
            assert_eq!(message.text, fields["text"].as_str().unwrap());
        }
    }
    said(&simulator, &mention("@the_test_bot that was all", 0, 13));
    let (inbound, message) = bot.message().await;
    assert_eq!(message.text, "@the_test_bot that was all");
    assert!(message.mentions[0].me);
    assert_eq!(inbound.conversation.title.as_deref(), Some("Club"));
}

#[tokio::test]
async fn rules_say_which_groups_are_heard() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let mut all = options(&simulator, &folder);
    all.access.groups = Groups::All;
    all.access.chats = vec![CLUB.to_string()];
    let bot = Bot::listen(all).await;
    let elsewhere = simulator.world().message(-5, ANA, &json!({ "text": "/elsewhere" }));
    simulator.push(json!({ "message": elsewhere }));
    said(&simulator, &json!({ "text": "/other@the_other_bot" }));
    said(&simulator, &json!({ "text": "just talk" }));
    assert_eq!(bot.message().await.1.text, "just talk");
}

#[tokio::test]
async fn an_answer_stays_in_its_topic_and_the_general_one_is_not_named() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    let opened = json!({ "message_id": 77, "forum_topic_created": { "name": "x" }, "from": { "id": BOT } });
    said(
        &simulator,
        &json!({ "text": "/hi", "message_thread_id": 77, "is_topic_message": true, "reply_to_message": opened }),
    );
    let (inbound, message) = bot.message().await;
    assert_eq!(message.reply_to, None, "what opened the topic is no message that was answered");
    assert_eq!(inbound.conversation.thread.unwrap().as_str(), "-1001000/77");
    let send = |to: &str| Operation::Send {
        to: Target::Conversation(to.into()),
        content: Content::text("hello"),
        reply_to: Some(message.id.clone()),
    };
    assert!(bot.perform(Some(&inbound.route), send("-1001000")).await.is_done());
    // A thread of answers is no topic.
    said(&simulator, &json!({ "text": "/again", "message_thread_id": 12 }));
    let (inbound, _) = bot.message().await;
    assert!(bot.perform(Some(&inbound.route), send("-1001000")).await.is_done());
    assert!(bot.perform(None, send("-1001000/1")).await.is_done());
    assert!(bot.perform(None, send("-1001000/9")).await.is_done());
    let world = simulator.world();
    let threads: Vec<_> =
        world.called("sendMessage").iter().map(|call| call["message_thread_id"].clone()).collect();
    assert_eq!(threads, [json!(77), Value::Null, Value::Null, json!(9)]);
    assert_eq!(
        world.called("sendMessage")[0]["reply_parameters"]["message_id"].to_string(),
        message.id.to_string()
    );
}

#[tokio::test]
async fn a_group_that_becomes_another_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    let send = || Operation::Send {
        to: Target::Conversation("-7".into()),
        content: Content::text("hello"),
        reply_to: None,
    };
    simulator.world().plan("sendMessage", Fault::Moved(-1_007));
    let moved = bot.perform(None, send()).await;
    assert!(
        matches!(moved, Outcome::Refused { kind: RefusalKind::Unavailable, transient: true, .. }),
        "{moved:?}"
    );
    let Outcome::Done { conversation, .. } = bot.perform(None, send()).await else { panic!() };
    assert_eq!(conversation.unwrap().as_str(), "-1007");
    // A message says it, too.
    let message = simulator.world().message(-8, ANA, &json!({ "migrate_to_chat_id": -1_008 }));
    simulator.push(json!({ "message": message }));
    said(&simulator, &json!({ "text": "/behind" }));
    bot.message().await;
    let to = Target::Conversation("-8".into());
    bot.perform(None, Operation::Send { to, content: Content::text("x"), reply_to: None }).await;
    assert_eq!(simulator.world().called("sendMessage").last().unwrap()["chat_id"], -1_008);
    assert_eq!(World::chat(-8)["type"], "supergroup");
}
