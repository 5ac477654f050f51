//! A visitor is forgotten: nothing of theirs is on the disk, and everybody else's is.

use crate::page::{Page, http, message};
use crate::server::Server;
use carapace_channel_api::{Channel as _, Event, Forgotten};
use carapace_channel_webchat::{Limits, Options, Room};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

fn all(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all(&path, found) } else { found.push(path) }
    }
}

/// The files in which a word stands.
fn that_say(folder: &Path, word: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    all(folder, &mut files);
    let says = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        path.display().to_string().contains(word) || String::from_utf8_lossy(&bytes).contains(word)
    };
    files.retain(says);
    files
}

fn with_room(folder: &Path) -> Options {
    let mut options = Options { limits: Limits::default(), ..Options::new("web", folder) };
    options.rooms = vec![Room { name: "ops".to_owned(), title: "Operations".to_owned() }];
    options
}

fn counts(forgotten: &Forgotten) -> Vec<(u64, &str)> {
    forgotten.erased.iter().map(|counted| (counted.count, counted.what.as_str())).collect()
}

async fn upload(address: SocketAddr, page: &Page, conversation: &str, text: &str) -> String {
    let first = format!("POST /webchat/conversations/{conversation}/files");
    let (bearer, origin) = (format!("Bearer {}", page.session), format!("http://{address}"));
    let headers = [
        ("authorization", bearer.as_str()),
        ("origin", origin.as_str()),
        ("x-file-name", "zebra.txt"),
        ("content-type", "text/plain"),
    ];
    let (status, answer) = http(address, &first, &headers, text.as_bytes()).await;
    assert_eq!(status, 200, "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    serde_json::from_str::<Value>(body).unwrap()["file"].as_str().unwrap().to_owned()
}

/// Ana and Bo: each has a conversation, and both are in the room. Gives their pages, and Ana's id and conversation.
async fn both(server: &Server) -> (Page, Page, String, String) {
    let mut ana = Page::newcomer(server.address).await;
    let mut bo = Page::newcomer(server.address).await;
    let id = ana.welcome["user"]["id"].as_str().unwrap().to_owned();
    ana.ask(json!({ "type": "name", "name": "Zebra Ana" })).await;
    let own = ana.open().await;
    ana.ask(message(&own, "zebra one")).await;
    let file = upload(server.address, &ana, &own, "zebra file").await;
    let mut with_file = message(&own, "zebra two");
    with_file["files"] = json!([file]);
    assert_eq!(ana.ask(with_file).await["type"], "ack");
    let theirs = bo.open().await;
    bo.ask(message(&theirs, "lion one")).await;
    bo.ask(message("#ops", "lion in the room")).await;
    let said = bo.until(|told| told["event"]["text"] == "lion in the room").await;
    ana.ask(message("#ops", "zebra in the room")).await;
    let react =
        json!({ "type": "react", "conversation": "#ops", "message": said["event"]["id"], "emoji": "👍" });
    assert_eq!(ana.ask(react).await["type"], "ack");
    bo.ask(message("#ops", "lion again")).await;
    (ana, bo, id, own)
}

#[tokio::test]
async fn nothing_of_theirs_is_left_and_everybody_else_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::serve_at("127.0.0.1:0", with_room(folder.path())).await;
    let (mut ana, mut bo, id, own) = both(&server).await;
    let there = server.channel.forget(&id.as_str().into(), true).await.unwrap().unwrap();
    assert!(!that_say(folder.path(), "zebra").is_empty(), "a dry run changes nothing");
    let forgotten = server.channel.forget(&id.as_str().into(), false).await.unwrap().unwrap();
    assert_eq!(there, forgotten);
    let wanted =
        [(1, "session"), (1, "conversation"), (2, "line of rooms"), (1, "file"), (5, "event not heard yet")];
    assert_eq!(counts(&forgotten), wanted);
    for word in ["zebra", "Zebra", &id, &own] {
        assert_eq!(that_say(folder.path(), word), Vec::<PathBuf>::new(), "{word}");
    }
    // Their page is let go, and is somebody new.
    let (_, closed) = ana.rest().await;
    assert_eq!(closed.0, 1001);
    let again = Page::enter(server.address, Some(&ana.session), json!({})).await;
    assert_ne!(again.welcome["user"]["id"], id.as_str());
    assert_eq!(again.welcome["conversations"].as_array().unwrap().len(), 1, "{}", again.welcome);
    // The room goes on where it was.
    bo.say(&json!({ "type": "page", "conversation": "#ops" })).await;
    let page = bo.until(|told| told["type"] == "page").await;
    let texts: Vec<&str> =
        page["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["lion in the room", "lion again"]);
    assert_eq!(page["seq"], 4);
    bo.ask(message("#ops", "lion goes on")).await;
    let event = bo.until(|told| told["event"]["text"] == "lion goes on").await;
    assert_eq!(event["seq"], 5);
    assert!(server.send(&own, "are you there?").await != server.send("#ops", "hello").await);
    assert!(server.channel.forget(&id.as_str().into(), false).await.unwrap().unwrap().is_nothing());
    // After a restart the engine hears everybody else.
    drop((bo, again, server));
    let server = Server::start(folder.path(), Limits::default()).await;
    let mut heard = Vec::new();
    while heard.len() < 4 {
        if let Event::Message { message } = server.heard().await.event {
            heard.push(message.text);
        }
    }
    heard.sort();
    assert_eq!(heard, ["lion again", "lion goes on", "lion in the room", "lion one"]);
}

/// What a process leaves that ends after any of the steps: each of them is put back as it was before.
#[tokio::test]
async fn half_forgotten_and_asked_again_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::serve_at("127.0.0.1:0", with_room(folder.path())).await;
    let (ana, bo, id, own) = both(&server).await;
    drop((ana, bo));
    let before = folder.path().join("before");
    let mut files = Vec::new();
    all(folder.path(), &mut files);
    std::fs::create_dir(&before).unwrap();
    let copies: Vec<(PathBuf, Vec<u8>)> =
        files.iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    server.channel.forget(&id.as_str().into(), false).await.unwrap();
    drop(server);
    // The index goes last: with it, any of the others may be as it was.
    for left in 0..copies.len() {
        for (number, (path, bytes)) in copies.iter().enumerate() {
            let index = path.file_name().is_some_and(|name| name == "index.jsonl");
            if index || number >= left {
                std::fs::write(path, bytes).unwrap();
            }
        }
        let server = Server::serve_at("127.0.0.1:0", with_room(folder.path())).await;
        let forgotten = server.channel.forget(&id.as_str().into(), false).await.unwrap().unwrap();
        assert!(!forgotten.is_nothing());
        for word in ["zebra", "Zebra", &id, &own] {
            assert_eq!(that_say(folder.path(), word), Vec::<PathBuf>::new(), "{word} after step {left}");
        }
        assert!(!that_say(folder.path(), "lion in the room").is_empty());
    }
}
