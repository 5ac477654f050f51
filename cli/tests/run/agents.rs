//! An agent that pays with a tool, and a process that is killed between any two steps of its turn.

use crate::talk::{Talk, package};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};

const SHOP: &str = r#"use std/http

channel chat: any

agent clerk {
  model: "demo/m"
  instructions: "Pay what is ordered."
  tools: [look, pay]
}

/// Looks an order up.
tool look(order: Text) -> Text { return "{order} costs 5 EUR" }

/// Pays an order.
tool pay(order: Text) -> Text {
  let receipt = http.post(url"http://127.0.0.1:PORT/pay", order) at most once
  return "receipt {receipt.body}"
}

flow front on chat.message {
  reply(clerk.chat(message.text) else e { "sorry: {e.message}" })
}
"#;

/// Each answer of the model takes its time, so that there is some to be killed in.
const ANSWERS: &str = r#"{ "result": "receipt", "say": "Paid.", "slow": 600 }
{ "result": "costs", "calls": [{ "tool": "pay", "arguments": { "order": "4711" } }], "slow": 600 }
{ "text": "4711", "calls": [{ "tool": "look", "arguments": { "order": "4711" } }], "slow": 600 }
"#;

/// A bank that answers a request when it is told to.
struct Bank {
    port: u16,
    heard: Receiver<String>,
    answer: Sender<()>,
}

impl Bank {
    fn open() -> Bank {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ((tell, heard), (answer, told)) = (channel(), channel());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
                        break;
                    }
                    if let Some(said) = line.to_lowercase().strip_prefix("content-length: ") {
                        length = said.trim().parse().unwrap();
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                tell.send(String::from_utf8(body).unwrap()).unwrap();
                if told.recv().is_err() {
                    return;
                }
                // Whoever asked may be gone.
                let _ =
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nr-1");
            }
        });
        Bank { port, heard, answer }
    }
}

struct World {
    bank: Bank,
    shop: PathBuf,
    data: PathBuf,
    config: String,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let bank = Bank::open();
        let shop = package(folder.path(), &SHOP.replace("PORT", &bank.port.to_string()));
        std::fs::write(folder.path().join("answers.jsonl"), ANSWERS).unwrap();
        let config = folder.path().join("carapace.json5");
        let text = format!(
            "{{ version: 1, net: {{ private: [\"127.0.0.1:{}\"] }}, \
             models: {{ providers: {{ demo: {{ kind: \"scripted\", script: \"answers.jsonl\" }} }} }} }}",
            bank.port
        );
        std::fs::write(&config, text).unwrap();
        let config = config.to_str().unwrap().to_owned();
        World { bank, shop, data: folder.path().join("data"), config, _folder: folder }
    }

    fn begin(&self) -> Talk {
        Talk::begin(&self.shop, &self.data, &["--no-watch", "--config", &self.config])
    }

    /// Waits until so many lines of the journal have this in them.
    fn written(&self, part: &str, times: usize) {
        let journal = self.data.join("journal");
        let all = || -> String {
            let files = std::fs::read_dir(&journal).into_iter().flatten().flatten();
            files.map(|file| std::fs::read_to_string(file.path()).unwrap_or_default()).collect()
        };
        while all().matches(part).count() < times {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

#[test]
fn killed_while_the_model_thinks_it_goes_on_where_it_was() {
    let world = World::new();
    let mut talk = world.begin();
    talk.say("pay 4711");
    // It thinks for the first time, …
    world.written("exchange.think", 1);
    talk.kill();
    // … for the second, …
    let talk = world.begin();
    world.written("exchange.think", 2);
    talk.kill();
    let talk = world.begin();
    assert_eq!(world.bank.heard.recv().unwrap(), "4711");
    world.bank.answer.send(()).unwrap();
    // … and for the third time, when all is paid.
    world.written("exchange.think", 3);
    talk.kill();
    let talk = world.begin();
    assert_eq!(talk.hear(), "Paid.");
    assert!(world.bank.heard.try_recv().is_err(), "nothing is paid twice");
    assert!(talk.end().1.success());
    let shown = session(&world.data);
    let steps: Vec<&str> =
        ["look", "pay", "receipt r-1", "Paid."].into_iter().filter(|part| shown.contains(part)).collect();
    assert_eq!(steps.len(), 4, "{shown}");
}

#[test]
fn killed_while_the_bank_has_the_order_a_person_is_asked_and_nothing_is_paid_twice() {
    let world = World::new();
    let mut talk = world.begin();
    talk.say("pay 4711");
    assert_eq!(world.bank.heard.recv().unwrap(), "4711");
    talk.kill();
    world.bank.answer.send(()).unwrap();
    let talk = world.begin();
    // Nobody can know what became of the order: the run waits for whoever does.
    let (run, op) = loop {
        let listed = carapace(&["runs", "list", "--data", world.data.to_str().unwrap(), "--format", "json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let (run, wait) = (&listed["runs"][0]["run"], &listed["runs"][0]["waits"][0]);
        if wait["on"] == "person" {
            break (run.as_str().unwrap().to_owned(), wait["op"].as_str().unwrap().to_owned());
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    assert!(world.bank.heard.try_recv().is_err(), "nothing is paid twice");
    let value = r#"{"status":200,"headers":{},"body":"r-1"}"#;
    carapace(&[
        "runs",
        "resolve",
        &run,
        &op,
        "done",
        "--value",
        value,
        "--data",
        world.data.to_str().unwrap(),
    ]);
    assert_eq!(talk.hear(), "Paid.");
    assert!(world.bank.heard.try_recv().is_err(), "nothing is paid twice");
    assert!(talk.end().1.success());
}

fn session(data: &Path) -> String {
    let listed = carapace(&["session", "list", "--data", data.to_str().unwrap(), "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let id = listed["sessions"][0]["id"].as_str().unwrap().to_owned();
    carapace(&["session", "show", &id, "--data", data.to_str().unwrap()])
}

fn carapace(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_carapace")).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{args:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
