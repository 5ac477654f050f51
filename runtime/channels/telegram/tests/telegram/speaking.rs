//! What goes out: markup, files, albums, long choices; and what becomes of it.

use crate::bot::{Bot, options};
use crate::simulator::{Fault, Simulator};
use carapace_channel_api::{
    Attachment, Button, Content, Event, Markup, MediaSource, MediaType, MessageId, Operation, Outcome,
    RefusalKind, Scratch, Target,
};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

const ANA: i64 = 1001;

struct Talk {
    simulator: Simulator,
    bot: Bot,
    _folder: TempDir,
}

impl Talk {
    /// Ana has written to the bot.
    async fn begin() -> Talk {
        let folder = tempfile::tempdir().unwrap();
        let (simulator, _) = Simulator::start().await;
        let bot = Bot::listen(options(&simulator, &folder)).await;
        simulator.say(ANA, "hi");
        bot.message().await;
        Talk { simulator, bot, _folder: folder }
    }

    async fn send(&self, content: Content) -> Outcome {
        let to = Target::Conversation(ANA.to_string().into());
        self.bot.perform(None, Operation::Send { to, content, reply_to: None }).await
    }

    fn last(&self, method: &str) -> Value {
        (*self.simulator.world().called(method).last().expect("it was called")).clone()
    }
}

fn file(media_type: &str, bytes: usize) -> Attachment {
    Attachment {
        name: "a file".to_owned(),
        media_type: MediaType(media_type.to_owned()),
        size: None,
        source: MediaSource::Inline { bytes: vec![9; bytes] },
    }
}

fn ids(outcome: &Outcome) -> Vec<MessageId> {
    let Outcome::Done { messages, .. } = outcome else { panic!("{outcome:?}") };
    messages.clone()
}

#[tokio::test]
async fn markdown_is_html_and_plain_where_that_does_not_parse() {
    let talk = Talk::begin().await;
    let content = Content { markup: Markup::Markdown, ..Content::text("**bold** & <b>") };
    ids(&talk.send(content.clone()).await);
    assert_eq!(talk.last("sendMessage")["text"], "<b>bold</b> &amp; &lt;b&gt;");
    let refusal = "Bad Request: can't parse entities: unsupported start tag";
    talk.simulator.world().plan("sendMessage", Fault::Refuse(400, refusal.to_owned()));
    ids(&talk.send(content).await);
    let call = talk.last("sendMessage");
    assert_eq!((&call["text"], &call["parse_mode"]), (&json!("**bold** & <b>"), &Value::Null));
}

#[tokio::test]
async fn an_answer_grows_in_private_chats_and_is_no_message_there() {
    let talk = Talk::begin().await;
    let preview = |chat: i64, text: &str| Operation::Preview {
        conversation: chat.to_string().into(),
        preview: "run/:3".to_owned(),
        text: text.to_owned(),
    };
    let mut numbers = Vec::new();
    for text in ["<b>Hel", "<b>Hello, Ana", ""] {
        assert_eq!(talk.bot.perform(None, preview(ANA, text)).await, Outcome::done());
        let call = talk.last("sendMessageDraft");
        assert_eq!((&call["chat_id"], &call["parse_mode"]), (&json!(ANA), &Value::Null));
        numbers.push(call["draft_id"].as_i64().unwrap());
    }
    assert_eq!(talk.last("sendMessageDraft")["text"], "<b>Hello, Ana", "nothing is no placeholder");
    assert!(numbers.iter().all(|number| *number == numbers[0] && *number != 0), "{numbers:?}");
    assert_eq!(talk.simulator.world().said().count(), 0);
    // Groups have none, and a server that is older than they are knows of none.
    let refused = talk.bot.perform(None, preview(-1_001, "Hel")).await;
    assert!(matches!(refused, Outcome::Refused { kind: RefusalKind::Unsupported, .. }), "{refused:?}");
    for words in ["Not Found", "Bad Request: method is available only for some bots"] {
        let code = if words.starts_with("Not") { 404 } else { 400 };
        talk.simulator.world().plan("sendMessageDraft", Fault::Refuse(code, words.to_owned()));
        let refused = talk.bot.perform(None, preview(ANA, "Hel")).await;
        assert!(matches!(refused, Outcome::Refused { kind: RefusalKind::Unsupported, .. }), "{refused:?}");
    }
    talk.simulator.world().plan("sendMessageDraft", Fault::Flood(3));
    let later = talk.bot.perform(None, preview(ANA, "Hel")).await;
    assert!(matches!(later, Outcome::Refused { retry_after: Some(_), transient: true, .. }), "{later:?}");
    talk.simulator.world().plan("sendMessageDraft", Fault::Cut);
    assert!(matches!(talk.bot.perform(None, preview(ANA, "Hel")).await, Outcome::NotPerformed { .. }));
}

#[tokio::test]
async fn choices_of_any_length_come_back() {
    let talk = Talk::begin().await;
    let long = "run:".repeat(60);
    let buttons = vec![Button::new("short", "One"), Button::new(long.as_str(), "Two")];
    let sent = ids(&talk.send(Content::text("Well?").with_buttons(buttons)).await);
    for (label, id) in [("Two", long.as_str()), ("One", "short")] {
        talk.simulator.press(ANA, sent[0].as_str().parse().unwrap(), label);
        let Event::Button { message, button, label: said } = talk.bot.hear().await.event else { panic!() };
        assert_eq!((message, button.as_str(), said.as_deref()), (sent[0].clone(), id, Some(label)));
    }
    talk.simulator.until(|world| world.called("answerCallbackQuery").len() == 2).await;
}

#[tokio::test]
async fn files_go_up_alone_as_albums_and_with_a_text_too_long_for_them() {
    let talk = Talk::begin().await;
    let content = Content { attachments: vec![file("image/png", 500)], ..Content::text("look") };
    assert_eq!(ids(&talk.send(content).await).len(), 1);
    assert_eq!(talk.last("sendPhoto")["caption"], "look");
    let album = vec![file("image/png", 500), file("video/mp4", 400)];
    let content = Content { attachments: album.clone(), ..Content::text("two") };
    assert_eq!(ids(&talk.send(content).await).len(), 2);
    assert_eq!(talk.last("sendMediaGroup")["media"][0]["caption"], "two");
    // A long text follows the file, and buttons stand below the text.
    let content = Content { attachments: album.clone(), ..Content::text("x".repeat(2_000)) };
    let content = content.with_buttons(vec![Button::new("b", "Ok")]);
    assert_eq!(ids(&talk.send(content).await).len(), 3);
    assert_eq!(talk.last("sendMessage")["reply_markup"]["inline_keyboard"][0][0]["text"], "Ok");
    let content =
        Content { attachments: album, ..Content::default() }.with_buttons(vec![Button::new("b", "Ok")]);
    let refused = talk.send(content).await;
    assert!(matches!(refused, Outcome::Refused { kind: RefusalKind::Invalid, .. }), "{refused:?}");
    let uploaded = talk.simulator.world().files.values().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(uploaded, [500, 500, 400, 500, 400]);
}

#[tokio::test]
async fn a_file_on_the_disk_goes_up_from_there_as_often_as_it_must() {
    let talk = Talk::begin().await;
    let folder = tempfile::tempdir().unwrap();
    let scratch = Scratch::open(folder.path().join("temporary"), 1 << 30).unwrap();
    let bytes: Vec<u8> = (0..=250).cycle().take(3_000_000).collect();
    let held = scratch.hold(&bytes).await.unwrap();
    let source = MediaSource::Held { file: held };
    let attachment = Attachment { source, ..file("image/png", 0) };
    let content = Content { attachments: vec![attachment], ..Content::default() };
    let refusal = "Bad Request: PHOTO_INVALID_DIMENSIONS";
    talk.simulator.world().plan("sendPhoto", Fault::Refuse(400, refusal.to_owned()));
    ids(&talk.send(content.clone()).await);
    assert_eq!(talk.simulator.world().called("sendDocument").len(), 1);
    assert!(talk.simulator.world().files.values().any(|file| *file == bytes), "all of it came");
    // Where it cannot be read nothing leaves.
    std::fs::remove_dir_all(folder.path().join("temporary")).unwrap();
    let outcome = talk.send(content).await;
    assert!(matches!(outcome, Outcome::NotPerformed { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_picture_that_is_none_goes_as_a_document_and_a_file_too_large_nowhere() {
    let talk = Talk::begin().await;
    let refusal = "Bad Request: PHOTO_INVALID_DIMENSIONS";
    talk.simulator.world().plan("sendPhoto", Fault::Refuse(400, refusal.to_owned()));
    let content = Content { attachments: vec![file("image/png", 5)], ..Content::default() };
    ids(&talk.send(content).await);
    assert_eq!(talk.simulator.world().called("sendDocument").len(), 1);
    let content =
        Content { attachments: vec![file("application/zip", (50 << 20) + 1)], ..Content::default() };
    let refused = talk.send(content).await;
    assert!(matches!(refused, Outcome::Refused { kind: RefusalKind::TooLarge, .. }), "{refused:?}");
}

#[tokio::test]
async fn what_came_goes_on_as_what_it_was() {
    let talk = Talk::begin().await;
    talk.simulator.world().files.insert("s1".to_owned(), vec![1]);
    let message = talk.simulator.world().message(ANA, ANA, &json!({ "sticker": { "file_id": "s1" } }));
    talk.simulator.push(json!({ "message": message }));
    let (_, said) = talk.bot.message().await;
    let content = Content { attachments: said.attachments, ..Content::text("yours") };
    assert_eq!(ids(&talk.send(content).await).len(), 2, "a sticker bears no text, so that follows");
    assert_eq!(talk.last("sendSticker")["sticker"], "s1");
}

#[tokio::test]
async fn of_several_parts_it_is_said_how_far_they_came() {
    let talk = Talk::begin().await;
    let content =
        Content { attachments: vec![file("application/zip", 5)], ..Content::text("x".repeat(2_000)) };
    // A moment is waited for, in the middle.
    talk.simulator.world().plan("sendMessage", Fault::Flood(1));
    assert_eq!(ids(&talk.send(content.clone()).await).len(), 2);
    talk.simulator
        .world()
        .plan("sendMessage", Fault::Refuse(403, "Forbidden: bot was blocked by the user".to_owned()));
    let refused = talk.send(content.clone()).await;
    let Outcome::Refused { kind, message, transient: false, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!(*kind, RefusalKind::Forbidden);
    assert!(message.starts_with("only 1 of 2 parts went out: telegram says: bot was blocked"), "{message}");
    talk.simulator.world().plan("sendMessage", Fault::Cut);
    assert!(matches!(talk.send(content).await, Outcome::Unknown { .. }));
}

#[tokio::test]
async fn a_message_that_may_have_come_already_says_so() {
    let talk = Talk::begin().await;
    let to = Target::User(ANA.to_string().into());
    let operation = Operation::Send {
        to,
        content: Content::text("your table is booked"),
        reply_to: Some("nonsense".into()),
    };
    let request = carapace_channel_api::Outbound {
        id: "op".into(),
        key: "key".into(),
        account: "bot".into(),
        route: None,
        again: true,
        preview: None,
        operation,
    };
    let outcome = carapace_channel_api::Channel::perform(&*talk.bot.channel, request).await;
    let Outcome::Done { conversation, .. } = outcome else { panic!() };
    assert_eq!(conversation.unwrap().as_str(), "1001");
    assert_eq!(talk.last("sendMessage")["text"], "(again) your table is booked");
}

#[tokio::test]
async fn an_edit_that_changes_nothing_is_fine_and_a_caption_is_edited_too() {
    let talk = Talk::begin().await;
    let sent = ids(&talk.send(Content::text("as it is")).await);
    let edit = |message: &MessageId, text: &str| Operation::Edit {
        conversation: ANA.to_string().into(),
        message: message.clone(),
        content: Content::text(text),
    };
    assert_eq!(ids(&talk.bot.perform(None, edit(&sent[0], "as it is")).await), sent);
    // An edit whose answer is lost is asked for again: twice is once.
    talk.simulator.world().plan("editMessageText", Fault::Cut);
    assert!(talk.bot.perform(None, edit(&sent[0], "other")).await.is_done());
    let content = Content { attachments: vec![file("image/png", 5)], ..Content::text("below") };
    let photo = ids(&talk.send(content).await);
    assert!(talk.bot.perform(None, edit(&photo[0], "below it")).await.is_done());
    assert_eq!(talk.last("editMessageCaption")["caption"], "below it");
}

#[tokio::test]
async fn a_flood_says_how_long_and_a_forward_keeps_its_file() {
    let talk = Talk::begin().await;
    talk.simulator.world().plan("sendMessage", Fault::Flood(7));
    let Outcome::Refused { kind, retry_after, transient, .. } = talk.send(Content::text("x")).await else {
        panic!()
    };
    assert_eq!(
        (kind, retry_after, transient),
        (RefusalKind::RateLimited, Some(Duration::from_secs(7)), true)
    );
    let forward = |message: &str| Operation::Forward {
        from: ANA.to_string().into(),
        message: message.into(),
        to: Target::Conversation("-1001000".into()),
    };
    assert_eq!(ids(&talk.bot.perform(None, forward("1")).await).len(), 1);
    let refused = talk.bot.perform(None, forward("999")).await;
    assert!(matches!(refused, Outcome::Refused { kind: RefusalKind::NotFound, .. }), "{refused:?}");
}
