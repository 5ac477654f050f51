//! Against a Bot API server that nobody here wrote: `telegram-test-api` from npm. It knows no offsets and holds no poll back;
//! living with it is needed, and not enough.

use crate::bot::{Bot, One};
use crate::simulator::TOKEN;
use carapace_channel_api::{Content, Operation, Target};
use carapace_channel_telegram::Options;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Its own port is not asked for: it is given one that was free a moment ago.
const SCRIPT: &str = r"
const Server = require('telegram-test-api');
const server = new Server({ port: Number(process.argv[1]), host: '127.0.0.1' });
server.start().then(() => console.log('up'));
";

struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The server, and its address; none where it is not installed, which is said.
fn peer() -> Option<(Peer, String)> {
    let named = std::env::var_os("CARAPACE_PEERS").map(PathBuf::from);
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../target/peers");
    let packages = named.unwrap_or(root);
    let there = packages.join("node_modules/telegram-test-api").is_dir();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let started = there.then(|| {
        let mut node = Command::new("node");
        node.args(["-e", SCRIPT, &port.to_string()]).current_dir(&packages);
        node.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()
    });
    let Some(mut child) = started.flatten() else {
        // Not captured: whoever runs the tests shall see it, on a line of its own.
        let _ = writeln!(std::io::stderr(), "\nskipped: telegram peer: telegram-test-api is missing");
        return None;
    };
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "up");
    Some((Peer(child), format!("http://127.0.0.1:{port}")))
}

#[tokio::test]
async fn a_server_of_somebody_else_is_talked_to() {
    let Some((_peer, server)) = peer() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::new("bot", folder.path(), Arc::new(One(TOKEN)), "bot");
    options.server.clone_from(&server);
    options.pauses = (Duration::from_millis(50), Duration::from_millis(200));
    let bot = Bot::listen(options).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for n in 0..5 {
        let message = json!({
            "botToken": TOKEN, "text": format!("hello {n}"), "date": 1_790_000_000_000_i64,
            "from": { "id": 7, "first_name": "Ana" }, "chat": { "id": 7, "first_name": "Ana", "type": "private" },
        });
        client.post(format!("{server}/sendMessage")).json(&message).send().await.unwrap();
        let (inbound, said) = bot.message().await;
        assert_eq!(
            (said.text.as_str(), inbound.sender.name.as_str()),
            (format!("hello {n}").as_str(), "Ana")
        );
        let to = Target::Conversation(inbound.conversation.id);
        let content = Content::text(format!("answer {n}"));
        let outcome =
            bot.perform(Some(&inbound.route), Operation::Send { to, content, reply_to: Some(said.id) }).await;
        assert!(outcome.is_done(), "{outcome:?}");
    }
    let asked = json!({ "token": TOKEN, "chatId": 7 });
    let answers = client.post(format!("{server}/getUpdates")).json(&asked).send().await.unwrap();
    let answers: Value = answers.json().await.unwrap();
    let texts: Vec<&str> = answers["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["message"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["answer 0", "answer 1", "answer 2", "answer 3", "answer 4"]);
    bot.end().await.unwrap();
}
