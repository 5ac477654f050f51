//! `carapace forget` over what a runtime kept, while one runs and while none does.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod talk;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use talk::{Talk, package};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

const COUNTS: &str = r#"channel chat: any

state count: Int = 0 by sender

flow count_up on chat.message where message.text != "wait" {
  set count = count + 1
  reply("{count}: {message.text}")
}

flow waits on chat.message where message.text == "wait" {
  reply("I wait")
  wait(1h)
}
"#;

/// The person at the terminal.
const ME: &str = "terminal:you";

struct Kept(tempfile::TempDir);

impl Kept {
    fn new() -> Kept {
        Kept(tempfile::tempdir().unwrap())
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn begin(&self) -> Talk {
        Talk::begin(&package(self.0.path(), COUNTS), &self.data(), &["--no-watch"])
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        let output = command.args(args).arg("--data").arg(self.data()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    /// How many files hold a word.
    fn that_say(&self, word: &str) -> usize {
        let mut files = Vec::new();
        list(&self.data(), &mut files);
        let says = |path: &&PathBuf| {
            let bytes = fs::read(path).unwrap_or_default();
            let packed = path.extension().is_some_and(|ending| ending == "zst");
            let bytes = if packed { zstd::decode_all(bytes.as_slice()).unwrap() } else { bytes };
            String::from_utf8_lossy(&bytes).contains(word)
        };
        files.iter().filter(says).count()
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { list(&entry, files) } else { files.push(entry) }
    }
}

fn count(talk: &mut Talk, words: &[&str]) {
    for (number, word) in (1..).zip(words) {
        talk.say(word);
        assert_eq!(talk.hear(), format!("{number}: {word}"));
    }
}

#[test]
fn one_that_runs_forgets_and_goes_on() {
    let kept = Kept::new();
    let mut talk = kept.begin();
    count(&mut talk, &["zebra one", "zebra two"]);
    let (code, _, error) = kept.run(&["forget", "terminal:nobody"]);
    assert!(code == 2 && error.contains("E0967") && error.contains(ME), "{error}");
    let (code, out, error) = kept.run(&["forget", ME, "--dry-run"]);
    assert!(code == 0 && out.contains("2 events") && out.contains("1 value"), "{out}{error}");
    assert!(kept.that_say("zebra") > 0);
    let (code, out, error) = kept.run(&["forget", ME, "--format", "json"]);
    assert_eq!(code, 0, "{error}");
    let report: Json = serde_json::from_str(&out).unwrap();
    assert_eq!((&report["events"], &report["runs"], &report["values"]), (&2.into(), &2.into(), &1.into()));
    assert!(report["untouched"].as_array().unwrap().len() > 3, "{report}");
    assert_eq!(kept.that_say("zebra"), 0);
    // It is somebody new who writes next.
    count(&mut talk, &["lion"]);
    assert!(talk.end().1.success());
    let (code, _, summary) = kept.run(&["journal", "verify", "--replay"]);
    assert!(code == 0 && summary.contains("something was erased from lines up to"), "{summary}");
    let (_, words, _) = kept.run(&["journal", "tail", "--from", "1"]);
    assert!(words.contains("erased, as line") && words.contains("is: "), "{words}");
}

#[test]
fn one_that_is_stopped_forgets_and_runs_that_live_are_in_the_way() {
    let kept = Kept::new();
    let mut talk = kept.begin();
    count(&mut talk, &["zebra one"]);
    talk.say("wait");
    assert_eq!(talk.hear(), "I wait");
    assert!(talk.end().1.success());
    let (code, _, error) = kept.run(&["forget", ME]);
    assert!(code == 2 && error.contains("E0968") && error.contains("shop/main.waits"), "{error}");
    assert!(kept.that_say("zebra") > 0);
    let mut talk = kept.begin();
    talk.say("zebra two");
    assert_eq!(talk.hear(), "2: zebra two");
    let (code, _, error) = kept.run(&["forget", ME]);
    assert!(code == 2 && error.contains("E0968") && error.contains("--cancel"), "{error}");
    let (code, out, error) = kept.run(&["forget", ME, "--cancel"]);
    assert!(code == 0 && out.contains("is forgotten"), "{out}{error}");
    assert_eq!(kept.that_say("zebra"), 0);
    count(&mut talk, &["zebra again"]);
    assert!(talk.end().1.success());
    let (code, out, error) = kept.run(&["forget", ME]);
    assert!(code == 0 && out.contains("1 event,") && out.contains("not touched"), "{out}{error}");
    assert_eq!(kept.that_say("zebra"), 0);
    let (code, _, error) = kept.run(&["forget", ME]);
    assert!(code == 2 && error.contains("E0967"), "{error}");
    let (code, _, error) = kept.run(&["journal", "verify"]);
    assert_eq!(code, 0, "{error}");
}

/// A visitor of the chat page who says something in a conversation of their own; gives who they are.
fn visit(address: &str, text: &str) -> String {
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    threads.block_on(async {
        let mut request = format!("ws://{address}/webchat/ws").into_client_request().unwrap();
        request.headers_mut().insert("origin", format!("http://{address}").parse().unwrap());
        let (mut socket, _) = connect_async(request).await.unwrap();
        let mut ask = async |frame: Json, kind: &str| {
            socket.send(Message::text(frame.to_string())).await.unwrap();
            loop {
                let told = tokio::time::timeout(Duration::from_secs(60), socket.next()).await.unwrap();
                let text = match told {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Ping(_))) => continue,
                    other => panic!("{other:?}"),
                };
                let told: Json = serde_json::from_str(&text).unwrap();
                if told["type"] == kind && told["event"]["from"]["bot"] != false {
                    return told;
                }
            }
        };
        let welcome = ask(json!({ "type": "hello" }), "welcome").await;
        // Ids of messages are the visitor's to choose, and known on the whole account: another visitor's are others.
        let id = |what: &str| {
            format!("c-{:016x}-{what}", text.bytes().fold(7, |sum: u64, b| sum * 31 + u64::from(b)))
        };
        let opened = ask(json!({ "type": "open", "id": id("open") }), "ack").await;
        let message = json!({ "type": "message", "id": id("said"),
            "conversation": opened["conversation"], "text": text });
        let answer = ask(message, "event").await;
        assert_eq!(answer["event"]["text"], format!("1: {text}"));
        format!("webchat:{}", welcome["user"]["id"].as_str().unwrap())
    })
}

fn copy(from: &Path, to: &Path) {
    let mut files = Vec::new();
    list(from, &mut files);
    for file in files {
        let copy = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&file, copy).unwrap();
    }
}

#[test]
fn what_the_chat_page_keeps_goes_too_while_it_runs_and_while_it_does_not() {
    let kept = Kept::new();
    let shop = package(kept.0.path(), COUNTS);
    let serve = || {
        let talk = Talk::serve(&shop, &kept.data(), "127.0.0.1:0");
        let address = talk.told("chat page: ").split('/').nth(2).unwrap().to_owned();
        (talk, address)
    };
    let (talk, address) = serve();
    let (first, second) = (visit(&address, "zebra"), visit(&address, "lion"));
    let (code, out, error) = kept.run(&["forget", &first, "--dry-run"]);
    assert!(code == 0 && out.contains("1 conversation that the channel keeps for itself"), "{out}{error}");
    assert!(kept.that_say("zebra") > 0);
    let (code, out, error) = kept.run(&["forget", &first, "--format", "json"]);
    assert_eq!(code, 0, "{error}");
    let report: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(report["channel"]["erased"][0], json!({ "count": 1, "what": "session" }), "{report}");
    assert_eq!((report["events"].as_u64(), kept.that_say("zebra")), (Some(2), 0), "{report}");
    assert_eq!(kept.that_say(first.strip_prefix("webchat:").unwrap()), 0);
    assert!(kept.that_say("lion") > 0);
    talk.kill();
    let before = kept.0.path().join("before");
    copy(&kept.data().join("channels"), &before);
    let (code, out, error) = kept.run(&["forget", &second]);
    assert!(code == 0 && out.contains("is forgotten"), "{out}{error}");
    assert_eq!(kept.that_say("lion"), 0);
    // As the power leaves it between the journal and the channel: the same command goes on with the rest, …
    fs::remove_dir_all(kept.data().join("channels")).unwrap();
    copy(&before, &kept.data().join("channels"));
    assert!(kept.that_say("lion") > 0);
    let (code, out, error) = kept.run(&["forget", &second]);
    assert!(code == 0 && out.contains("1 conversation"), "{out}{error}");
    assert_eq!(kept.that_say("lion"), 0);
    // … and so does the next start.
    fs::remove_dir_all(kept.data().join("channels")).unwrap();
    copy(&before, &kept.data().join("channels"));
    let pending = kept.data().join("forgetting.json");
    fs::write(&pending, json!([second]).to_string()).unwrap();
    let (talk, _) = serve();
    let until = std::time::Instant::now() + Duration::from_secs(60);
    while pending.exists() {
        assert!(std::time::Instant::now() < until, "it does not go on");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(kept.that_say("lion"), 0);
    talk.kill();
    let (code, _, error) = kept.run(&["forget", &second]);
    assert!(code == 2 && error.contains("E0967"), "{error}");
}
