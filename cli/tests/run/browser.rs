//! On the chat page, in a real browser: a message, a button, and a conversation that goes on after the power went.

use crate::peers::Peers;
use crate::talk::{Talk, package};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

const ASKS: &str = r#"channel chat: any

state visits: Int = 0 by sender

flow greet on chat.message where message.text contains "hello" ignoring case {
  set visits = visits + 1
  let tea = ask("Tea or coffee?", choices: ["tea", "coffee"])
  let name = ask("For whom?")
  reply("{tea} for {name}, number {visits}.")
}
"#;

#[test]
fn a_site_that_is_named_may_show_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let talk = Talk::begin(&shop, &data, &["--no-watch", "--embed", "https://shop.example"]);
    let line = talk.told("chat page: ");
    let address = line.split('/').nth(2).unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(stream, "GET /webchat/ HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("<!doctype html>"), "{answer}");
    let policy = answer.lines().find(|line| line.starts_with("content-security-policy")).unwrap();
    assert!(policy.contains("frame-ancestors 'self' https://shop.example"), "{policy}");
}

#[test]
fn a_conversation_in_a_browser_goes_on_after_a_power_cut() {
    let Some(peers) = Peers::find("carapace run in a browser") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let begin = |listen: &str| {
        let talk = Talk::serve(&shop, &data, listen);
        let line = talk.told("chat page: ");
        let url = line.split_once("chat page: ").unwrap().1.trim().to_owned();
        (Some(talk), url)
    };
    let (mut talk, url) = begin("127.0.0.1:0");
    let address = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run/whole.mjs");
    peers.drive(scenario.to_str().unwrap(), &url, |word| match word {
        "power cut" => {
            talk.take().unwrap().kill();
            talk = begin(&address).0;
        }
        other => panic!("the scenario wants `{other}`"),
    });
}
