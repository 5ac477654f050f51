//! Junk, floods and people who want what is not theirs. Everybody else goes on talking.

use crate::page::{Closed, Page, fresh_id, message};
use crate::server::Server;
use carapace_channel_webchat::{Limits, Rate};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message};

fn is_error(frame: &Value, code: &str) {
    assert_eq!((frame["type"].as_str(), frame["code"].as_str()), (Some("error"), Some(code)), "{frame}");
    assert!(!frame["message"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn pages_of_other_origins_do_not_connect() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let address = server.address;
    let lookalike = format!("http://{address}.evil.example");
    for origin in [None, Some("null"), Some("https://evil.example"), Some(lookalike.as_str())] {
        match Page::raw(address, origin).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 403, "{origin:?}"),
            Err(other) => panic!("{origin:?}: {other}"),
            Ok(_) => panic!("{origin:?} connected"),
        }
    }
}

#[tokio::test]
async fn junk_gets_an_answer_and_the_connection_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut page = Page::newcomer(server.address).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for junk in ["", "hello", "{}", "null", r#"{"type":"format_disk"}"#, r#"{"type":"message"}"#, &deep] {
        page.text(junk).await;
        is_error(&page.next().await.unwrap(), "bad_frame");
    }
    page.send(Message::binary(vec![0xff; 100])).await;
    is_error(&page.next().await.unwrap(), "bad_frame");
    page.say(&json!({ "type": "hello" })).await;
    is_error(&page.next().await.unwrap(), "bad_frame");
    let conversation = page.open().await;
    assert_eq!(page.ask(message(&conversation, "still here")).await["type"], "ack");
    for text in ["", "  \n "] {
        is_error(&page.ask(message(&conversation, text)).await, "invalid");
    }
    let long = "x".repeat(Limits::default().text + 1);
    is_error(&page.ask(message(&conversation, &long)).await, "too_large");
    is_error(&page.ask(json!({ "type": "open", "id": "1" })).await, "invalid");
    for name in ["", "a\u{7}b", &"n".repeat(61)] {
        is_error(&page.ask(json!({ "type": "name", "name": name })).await, "invalid");
    }
}

#[tokio::test]
async fn who_does_not_say_hello_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let origin = format!("http://{}", server.address);
    let mut page = Page::raw(server.address, Some(&origin)).await.unwrap();
    page.text("GET / HTTP/1.1").await;
    is_error(&page.next().await.unwrap(), "bad_frame");
    assert_eq!(page.next().await, Err(Closed(1008)));
}

#[tokio::test]
async fn a_frame_that_is_too_large_ends_the_connection_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut page = Page::newcomer(server.address).await;
    page.text(&"x".repeat(Limits::default().frame + 1)).await;
    let (frames, _) = page.rest().await;
    is_error(frames.last().unwrap(), "too_large");
    Page::newcomer(server.address).await.open().await;
}

#[tokio::test]
async fn a_flood_is_slowed_then_cut_and_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let visitor = Rate { burst: 5, per_second: 0.01 };
    let limits = Limits { visitor, patience: 10, ..Limits::default() };
    let server = Server::start(folder.path(), limits).await;
    let mut flood = Page::newcomer(server.address).await;
    let session = flood.session.clone();
    let conversation = flood.open().await;
    for n in 0..100 {
        flood.say(&message(&conversation, &format!("buy {n}"))).await;
    }
    let (frames, closed) = flood.rest().await;
    let refused: Vec<&Value> = frames.iter().filter(|frame| frame["type"] == "error").collect();
    is_error(refused[0], "rate_limited");
    assert!(refused[0]["retry_after_ms"].as_u64().unwrap() > 0 && refused[0]["id"].is_string());
    assert_eq!(refused.len(), 11);
    // Unless the system threw the goodbye away with what was not read any more.
    assert!([Closed(1008), Closed(0)].contains(&closed), "{closed:?}");
    let mut other = Page::newcomer(server.address).await;
    other.open().await;
    // A new connection is no way around it.
    let mut again = Page::enter(server.address, Some(&session), json!({})).await;
    is_error(&again.ask(message(&conversation, "buy")).await, "rate_limited");
}

#[tokio::test]
async fn sockets_and_newcomers_of_one_address_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let newcomers = Rate { burst: 2, per_second: 0.01 };
    let limits = Limits { newcomers, sockets_per_address: 3, ..Limits::default() };
    let server = Server::start(folder.path(), limits).await;
    let origin = format!("http://{}", server.address);
    let first = Page::newcomer(server.address).await;
    let second = Page::newcomer(server.address).await;
    let mut third = Page::raw(server.address, Some(&origin)).await.unwrap();
    match Page::raw(server.address, Some(&origin)).await {
        Err(Error::Http(answer)) => assert_eq!(answer.status(), 503),
        _ => panic!("a fourth socket"),
    }
    third.say(&json!({ "type": "hello" })).await;
    is_error(&third.next().await.unwrap(), "rate_limited");
    drop((first, second));
}

#[tokio::test]
async fn anothers_conversation_is_not_to_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut ana = Page::newcomer(server.address).await;
    let hers = ana.open().await;
    let said = message(&hers, "a secret");
    ana.ask(said.clone()).await;
    let mut eve = Page::newcomer(server.address).await;
    for claimed in [hers.as_str(), "w-nothing", "", "../index", "#", "inbox"] {
        for frame in [
            json!({ "type": "message", "conversation": claimed, "text": "it is me" }),
            json!({ "type": "press", "conversation": claimed, "message": said["id"], "button": "x" }),
            json!({ "type": "react", "conversation": claimed, "message": said["id"], "emoji": "👍" }),
            json!({ "type": "edit", "conversation": claimed, "message": said["id"], "text": "no" }),
            json!({ "type": "delete", "conversation": claimed, "message": said["id"] }),
        ] {
            is_error(&eve.ask(frame).await, "forbidden");
        }
        eve.say(&json!({ "type": "page", "conversation": claimed })).await;
        is_error(&eve.next().await.unwrap(), "forbidden");
    }
    let mut seen = serde_json::Map::new();
    seen.insert(hers.clone(), json!(0));
    let session = eve.session.clone();
    let mut eve = Page::enter(server.address, Some(&session), Value::Object(seen)).await;
    assert_eq!(eve.welcome["conversations"], json!([]));
    server.send(&hers, "for ana alone").await;
    eve.say(&json!({ "type": "ping" })).await;
    assert_eq!(eve.next().await.unwrap()["type"], "pong");
    // Neither can she have what is nobody's, nor change what the bot said.
    let own = eve.open().await;
    server.send(&own, "the bot's word").await;
    let theirs = eve.event("message").await["event"]["id"].clone();
    let edit = json!({ "type": "edit", "conversation": own, "message": theirs, "text": "mine" });
    is_error(&eve.ask(edit).await, "forbidden");
    is_error(
        &eve.ask(json!({ "type": "delete", "conversation": own, "message": theirs })).await,
        "forbidden",
    );
}

#[tokio::test]
async fn a_secret_stands_nowhere_and_a_made_up_one_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut ana = Page::newcomer(server.address).await;
    ana.open().await;
    let index = std::fs::read_to_string(folder.path().join("index.jsonl")).unwrap();
    assert!(!index.contains(&ana.session), "{index}");
    for made_up in ["", "guessed", &"A".repeat(43), &fresh_id()] {
        let eve = Page::enter(server.address, Some(made_up), json!({})).await;
        assert_ne!(eve.welcome["user"]["id"], ana.welcome["user"]["id"]);
        assert!(eve.welcome["session"].is_string() && eve.session != made_up);
    }
}
