//! What comes in: messages of every kind, albums, edits, reactions, votes; each once, in order.

use crate::bot::{Bot, fetched, options};
use crate::simulator::{BOT, Simulator, World};
use carapace_channel_api::{ConversationKind, Event, FetchError, Operation, Outcome, Poll, Target};
use serde_json::{Value, json};

const ANA: i64 = 1001;
const CLUB: i64 = -1_001_000;

/// Pushes a message with these fields from Ana.
fn wrote(simulator: &Simulator, chat: i64, fields: &Value) -> Value {
    let message = simulator.world().message(chat, ANA, fields);
    simulator.push(json!({ "message": message }));
    message
}

#[tokio::test]
async fn a_message_has_its_sender_its_time_and_what_it_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    let first = wrote(&simulator, ANA, &json!({ "text": "one" }));
    bot.message().await;
    wrote(&simulator, ANA, &json!({ "text": "two", "reply_to_message": first, "quote": { "text": "on" } }));
    let (inbound, said) = bot.message().await;
    assert_eq!((inbound.sender.name.as_str(), inbound.sender.id.as_str()), ("Person 1001", "1001"));
    assert_eq!(inbound.at.unwrap().0, 1_790_000_000_000);
    assert_eq!(inbound.conversation.kind, ConversationKind::Direct);
    let quoted = said.reply_to.unwrap();
    assert_eq!(quoted.id.as_str(), first["message_id"].to_string());
    assert_eq!((quoted.text.as_deref(), quoted.sender.unwrap().as_str()), (Some("on"), "1001"));
}

#[tokio::test]
async fn files_come_by_reference_and_are_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    simulator.world().files.insert("big".to_owned(), vec![7; 3_000]);
    let bot = Bot::listen(options(&simulator, &folder)).await;
    let sizes = json!([
        { "file_id": "small", "width": 90, "height": 90 },
        { "file_id": "big", "width": 900, "height": 900, "file_size": 3_000 },
    ]);
    wrote(&simulator, ANA, &json!({ "photo": sizes, "caption": "look" }));
    let (_, said) = bot.message().await;
    assert_eq!(said.text, "look");
    let [photo] = said.attachments.as_slice() else { panic!() };
    assert_eq!((photo.media_type.0.as_str(), photo.size), ("image/jpeg", Some(3_000)));
    assert_eq!(fetched(&bot.channel, &photo.source, 5_000).await.unwrap(), vec![7; 3_000]);
    assert_eq!(fetched(&bot.channel, &photo.source, 100).await, Err(FetchError::TooLarge { limit: 100 }));
    for (field, more, media_type) in [
        ("document", json!({ "file_name": "a.pdf", "mime_type": "application/pdf" }), "application/pdf"),
        ("voice", json!({ "mime_type": "audio/ogg" }), "audio/ogg"),
        ("audio", json!({}), "audio/mpeg"),
        ("video", json!({ "mime_type": "video/mp4" }), "video/mp4"),
        ("sticker", json!({}), "image/webp"),
        ("sticker", json!({ "is_animated": true }), "application/x-tgsticker"),
        ("video_note", json!({}), "video/mp4"),
    ] {
        let mut file = more.clone();
        file["file_id"] = json!("x");
        wrote(&simulator, ANA, &json!({ field: file }));
        let (_, said) = bot.message().await;
        assert_eq!(said.attachments[0].media_type.0, media_type, "{field}");
        assert_eq!(said.attachments.len(), 1);
    }
    wrote(&simulator, ANA, &json!({ "location": { "latitude": 52.5, "longitude": 13.4 } }));
    assert_eq!(bot.message().await.1.text, "geo:52.5,13.4");
}

#[tokio::test]
async fn an_album_is_one_message_also_over_a_crash_and_nothing_overtakes_it() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let mut patient = options(&simulator, &folder);
    // Longer than the test: only a message behind it makes it whole.
    patient.album = std::time::Duration::from_secs(600);
    let bot = Bot::listen(patient.clone()).await;
    let piece = |id: &str, caption: Option<&str>| {
        let mut fields =
            json!({ "media_group_id": "g1", "photo": [{ "file_id": id, "width": 1, "height": 1 }] });
        if let Some(caption) = caption {
            fields["caption"] = json!(caption);
        }
        fields
    };
    wrote(&simulator, ANA, &piece("a", Some("three pictures")));
    wrote(&simulator, ANA, &piece("b", None));
    simulator.until(|world| world.pending() == 0).await;
    bot.end().await.unwrap();
    let bot = Bot::listen(patient).await;
    wrote(&simulator, ANA, &piece("c", None));
    wrote(&simulator, ANA, &json!({ "text": "behind it" }));
    let (_, album) = bot.message().await;
    assert_eq!((album.text.as_str(), album.attachments.len()), ("three pictures", 3));
    assert_eq!(bot.message().await.1.text, "behind it");
    bot.end().await.unwrap();
    // Without anything behind it, time makes it whole.
    let bot = Bot::listen(options(&simulator, &folder)).await;
    wrote(&simulator, ANA, &json!({ "media_group_id": "g2", "video": { "file_id": "v" } }));
    wrote(&simulator, ANA, &json!({ "media_group_id": "g2", "video": { "file_id": "w" } }));
    assert_eq!(bot.message().await.1.attachments.len(), 2);
}

#[tokio::test]
async fn what_is_refused_comes_again_and_what_is_repeated_has_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    bot.tape.refuse(3);
    simulator.say(ANA, "first");
    let (first, _) = bot.message().await;
    simulator.until(|world| world.pending() == 0).await;
    bot.end().await.unwrap();
    // The place where it was is gone, and Telegram has everything still.
    std::fs::remove_file(folder.path().join("cursor.json")).unwrap();
    let update = json!({ "update_id": 700_001, "message": { "message_id": 1, "date": 1_790_000_000, "chat": World::chat(ANA), "from": World::person(ANA), "text": "first" } });
    simulator.world().repeat(&update);
    simulator.say(ANA, "second");
    let bot = Bot::listen(options(&simulator, &folder)).await;
    let (again, _) = bot.message().await;
    assert_eq!(again.id, first.id);
    assert_eq!(bot.message().await.1.text, "second");
}

#[tokio::test]
async fn edits_reactions_and_members_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    let mut said = simulator.world().message(ANA, ANA, &json!({ "text": "helo" }));
    said["text"] = json!("hello");
    said["edit_date"] = json!(1_790_000_050);
    simulator.push(json!({ "edited_message": said }));
    let edited = bot.hear().await;
    let Event::Edited { message } = &edited.event else { panic!("{edited:?}") };
    assert_eq!((message.text.as_str(), edited.at.unwrap().0), ("hello", 1_790_000_050_000));
    simulator.push(json!({ "message_reaction": {
        "chat": World::chat(CLUB), "message_id": 5, "user": World::person(ANA), "date": 1_790_000_000,
        "old_reaction": [{ "type": "emoji", "emoji": "👍" }],
        "new_reaction": [{ "type": "emoji", "emoji": "🔥" }, { "type": "custom_emoji", "custom_emoji_id": "99" }],
    } }));
    let mut seen = Vec::new();
    for _ in 0..3 {
        let inbound = bot.hear().await;
        let Event::Reaction { emoji, removed, .. } = inbound.event else { panic!() };
        seen.push((inbound.id, emoji, removed));
    }
    assert_ne!(seen[0].0, seen[1].0, "each has an id of its own");
    let seen: Vec<_> = seen.iter().map(|(_, emoji, removed)| (emoji.as_str(), *removed)).collect();
    assert_eq!(seen, [("👍", true), ("🔥", false), (":99:", false)]);
    let me = json!({ "id": BOT, "is_bot": true, "first_name": "Bot" });
    let fields = json!({ "new_chat_members": [World::person(2), me, World::person(3)] });
    wrote(&simulator, CLUB, &fields);
    for person in ["2", "3"] {
        let Event::Joined { member } = bot.hear().await.event else { panic!() };
        assert_eq!(member.id.as_str(), person);
    }
    wrote(&simulator, CLUB, &json!({ "left_chat_member": World::person(2) }));
    assert!(matches!(bot.hear().await.event, Event::Left { .. }));
}

#[tokio::test]
async fn a_vote_is_told_for_the_message_that_holds_the_poll() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    simulator.say(ANA, "hi");
    bot.message().await;
    let poll = Poll {
        question: "Tea?".to_owned(),
        options: vec!["yes".to_owned(), "no".to_owned()],
        multiple: true,
    };
    let to = Target::Conversation("1001".into());
    let Outcome::Done { messages, .. } = bot.perform(None, Operation::Poll { to, poll }).await else {
        panic!()
    };
    assert_eq!(simulator.world().called("sendPoll")[0]["is_anonymous"], false);
    bot.end().await.unwrap();
    let bot = Bot::listen(options(&simulator, &folder)).await;
    let id = format!("poll{}", messages[0]);
    simulator.push(json!({ "poll_answer": { "poll_id": "someone else's", "user": World::person(ANA), "option_ids": [0] } }));
    simulator
        .push(json!({ "poll_answer": { "poll_id": id, "user": World::person(ANA), "option_ids": [1, 0] } }));
    let vote = bot.hear().await;
    assert_eq!(vote.conversation.id.as_str(), "1001");
    assert_eq!(vote.event, Event::PollVote { poll: messages[0].clone(), options: vec![1, 0] });
}
