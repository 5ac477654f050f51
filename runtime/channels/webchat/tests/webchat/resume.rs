//! Pages that go away and come back, also after the server did.

use crate::page::{Page, fresh_id, message};
use crate::server::Server;
use carapace_channel_api::{Content, Event, Operation, Target};
use carapace_channel_webchat::Limits;
use serde_json::{Value, json};

fn texts(page: &Value) -> Vec<&str> {
    page["messages"].as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn after_a_restart_the_conversation_and_what_was_missed_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut page = Page::newcomer(server.address).await;
    let conversation = page.open().await;
    page.ask(message(&conversation, "anybody?")).await;
    let seen = page.event("message").await["seq"].clone();
    let session = page.session.clone();
    page.leave().await;
    assert!(server.send(&conversation, "missed").await.is_done());
    server.stop().await;

    let server = Server::start(folder.path(), Limits::default()).await;
    assert!(server.send(&conversation, "after the restart").await.is_done());
    // Sent again because nobody knew whether it had been: still there once.
    assert!(server.send(&conversation, "missed").await.is_done());
    let mut known = serde_json::Map::new();
    known.insert(conversation.clone(), seen);
    let mut page = Page::enter(server.address, Some(&session), Value::Object(known)).await;
    assert!(page.welcome["session"].is_null(), "a secret is told once: {}", page.welcome);
    assert_eq!(page.welcome["conversations"][0]["id"], json!(conversation));
    assert_eq!(page.event("message").await["event"]["text"], "missed");
    assert_eq!(page.event("message").await["event"]["text"], "after the restart");

    page.say(&json!({ "type": "page", "conversation": conversation })).await;
    let whole = page.until(|told| told["type"] == "page").await;
    assert_eq!(texts(&whole), ["anybody?", "missed", "after the restart"]);
    assert_eq!(whole["more"], false);
}

#[tokio::test]
async fn what_was_said_while_the_engine_was_deaf_comes_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody runs the channel.
    let server = Server::serve(folder.path(), Limits::default()).await;
    let mut page = Page::newcomer(server.address).await;
    let conversation = page.open().await;
    for text in ["one", "two"] {
        assert_eq!(page.ask(message(&conversation, text)).await["type"], "ack");
    }
    drop((page, server));
    let server = Server::start(folder.path(), Limits::default()).await;
    assert!(matches!(server.heard().await.event, Event::Joined { .. }));
    for text in ["one", "two"] {
        let Event::Message { message } = server.heard().await.event else { panic!() };
        assert_eq!(message.text, text);
    }
}

#[tokio::test]
async fn asked_again_under_the_same_id_it_is_done_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut page = Page::newcomer(server.address).await;
    let open = json!({ "type": "open", "id": fresh_id() });
    let conversation = page.ask(open.clone()).await["conversation"].as_str().unwrap().to_owned();
    let session = page.session.clone();
    page.leave().await;
    server.stop().await;
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut page = Page::enter(server.address, Some(&session), json!({})).await;
    assert_eq!(page.ask(open).await["conversation"], json!(conversation));
    let frame = message(&conversation, "once");
    for _ in 0..3 {
        assert_eq!(page.ask(frame.clone()).await["type"], "ack");
    }
    let react = json!({
        "type": "react", "id": fresh_id(), "conversation": conversation, "message": frame["id"], "emoji": "👍",
    });
    for _ in 0..2 {
        assert_eq!(page.ask(react.clone()).await["type"], "ack");
    }
    page.say(&json!({ "type": "page", "conversation": conversation })).await;
    let whole = page.until(|told| told["type"] == "page").await;
    assert_eq!(texts(&whole), ["once"]);
    assert_eq!(whole["messages"][0]["reactions"].as_array().unwrap().len(), 1);
    assert_eq!(whole["seq"], 2);
}

#[tokio::test]
async fn two_pages_of_one_visitor_see_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut first = Page::newcomer(server.address).await;
    let conversation = first.open().await;
    let mut second = Page::enter(server.address, Some(&first.session), json!({})).await;
    first.ask(message(&conversation, "hello, me")).await;
    assert_eq!(second.event("message").await["event"]["text"], "hello, me");
    server.perform("t", Operation::Typing { conversation: conversation.as_str().into(), on: true }).await;
    for page in [&mut first, &mut second] {
        assert_eq!(page.until(|told| told["type"] == "typing").await["on"], true);
    }
}

#[tokio::test]
async fn a_page_knows_what_is_answered_who_spoke_last_and_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut page = Page::newcomer(server.address).await;
    let conversation = page.open().await;
    assert_eq!(page.ask(json!({ "type": "name", "name": " Ana " })).await["type"], "ack");
    let named = page.until(|told| told["type"] == "named").await;
    assert_eq!(named["user"]["name"], "Ana");
    let question = message(&conversation, "why?\nI ask");
    page.ask(question.clone()).await;
    for n in 0..60 {
        assert!(server.send(&conversation, &format!("no. {n}")).await.is_done());
    }
    let to = Target::Conversation(conversation.as_str().into());
    let reply_to = Some(question["id"].as_str().unwrap().into());
    let content = Content::text("because");
    assert!(server.perform("a", Operation::Send { to, content, reply_to }).await.is_done());
    let is_answer = |told: &Value| told["type"] == "event" && told["event"]["text"] == "because";
    let quote = page.until(is_answer).await["quote"].clone();
    assert_eq!((quote["text"].as_str(), quote["from"]["name"].as_str()), (Some("why?"), Some("Ana")));
    let asked = json!({ "type": "page", "id": fresh_id(), "conversation": conversation });
    page.say(&asked).await;
    let newest = page.until(|told| told["type"] == "page").await;
    assert_eq!(newest["quotes"], json!([quote]));
    assert_eq!(newest["id"], asked["id"]);
    let refused = page.ask(json!({ "type": "page", "conversation": "w-others" })).await;
    assert_eq!(refused["code"], "forbidden");
    let again = Page::enter(server.address, Some(&page.session), json!({})).await;
    let summary = &again.welcome["conversations"][0];
    assert_eq!((&summary["by"], &summary["last"]), (&json!("carapace"), &json!("because")));
    assert_eq!(summary["last_seq"], summary["seq"]);
}

#[tokio::test]
async fn who_was_away_for_long_gets_the_newest_page() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut page = Page::newcomer(server.address).await;
    let conversation = page.open().await;
    let session = page.session.clone();
    page.leave().await;
    for n in 0..300 {
        assert!(server.send(&conversation, &format!("no. {n}")).await.is_done());
    }
    let mut known = serde_json::Map::new();
    known.insert(conversation.clone(), json!(0));
    let mut page = Page::enter(server.address, Some(&session), Value::Object(known)).await;
    let newest = page.until(|told| told["type"] == "page").await;
    assert_eq!((newest["newest"].as_bool(), newest["more"].as_bool()), (Some(true), Some(true)));
    assert_eq!(texts(&newest).last(), Some(&"no. 299"));
    let before = newest["messages"][0]["seq"].clone();
    page.say(&json!({ "type": "page", "conversation": conversation, "before": before })).await;
    let older = page.until(|told| told["type"] == "page").await;
    assert_eq!(texts(&older).last(), Some(&"no. 249"));
}
