//! Updates are bytes of strangers: whatever stands in one, it costs at most that one.

use crate::bot::{Bot, options};
use crate::simulator::{Simulator, World};
use carapace_channel_api::access::Groups;
use carapace_channel_api::{Content, Event, Operation, Outcome, Target};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use teloxide::types::Update;

const ANA: i64 = 1001;

/// Names that mean something in an update, so that junk gets far.
const NAMES: [&str; 34] = [
    "message",
    "edited_message",
    "channel_post",
    "callback_query",
    "message_reaction",
    "poll_answer",
    "chat",
    "from",
    "user",
    "id",
    "type",
    "text",
    "caption",
    "entities",
    "offset",
    "length",
    "photo",
    "file_id",
    "width",
    "height",
    "document",
    "sticker",
    "reply_to_message",
    "message_id",
    "date",
    "new_chat_members",
    "left_chat_member",
    "old_reaction",
    "new_reaction",
    "option_ids",
    "media_group_id",
    "data",
    "location",
    "sender_chat",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["private", "supergroup", "mention", "emoji", "/start", "@the_test_bot"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let names =
            prop_oneof![4 => prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned), 1 => ".{0,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Forty pieces of junk, and a message behind them: nothing panics, all of it is passed, the message is heard.
    #[test]
    fn whatever_comes_the_next_message_is_heard(junk in prop::collection::vec((any_json(), prop::sample::select(NAMES[..6].to_vec())), 40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let (simulator, _) = Simulator::start().await;
            let mut all = options(&simulator, &folder);
            all.access.groups = Groups::All;
            all.album = std::time::Duration::ZERO;
            let bot = Bot::listen(all).await;
            for (value, kind) in junk {
                simulator.push(json!({ kind: value }));
            }
            simulator.say(ANA, "behind all that");
            loop {
                let inbound = bot.hear().await;
                // Whatever was read out of it can be answered, or is refused: neither panics.
                let to = Target::Conversation(inbound.conversation.id.clone());
                let send = Operation::Send { to, content: Content::text("x"), reply_to: None };
                let _: Outcome = bot.perform(Some(&inbound.route), send).await;
                if matches!(&inbound.event, Event::Message { message } if message.text == "behind all that") {
                    break;
                }
            }
            simulator.until(|world| world.pending() == 0).await;
            bot.end().await.unwrap();
        });
    }
}

#[tokio::test]
async fn what_this_version_does_not_know_costs_a_field_and_not_the_message() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    let fields = json!({
        "text": "meet me tomorrow",
        "entities": [{ "type": "entity_of_tomorrow", "offset": 8, "length": 8, "unix_time": 1 }],
        "gift_of_tomorrow": { "deep": [1, 2, 3] },
    });
    let message = simulator.world().message(ANA, ANA, &fields);
    // Why updates are not read with the library's types: it reads this without an error, and without the text.
    let read: Update = serde_json::from_value(json!({ "update_id": 1, "message": message })).unwrap();
    let text = match &read.kind {
        teloxide::types::UpdateKind::Message(message) => message.text(),
        _ => None,
    };
    assert_eq!(text, None, "the library has learned it: decision 44 may be looked at again");
    simulator.push(json!({ "unknown_kind": { "x": 1 } }));
    simulator.push(json!({ "message": message }));
    assert_eq!(bot.message().await.1.text, "meet me tomorrow");
    simulator.push(json!({ "message": World::person(7) }));
    simulator.say(ANA, "next");
    assert_eq!(bot.message().await.1.text, "next");
}
