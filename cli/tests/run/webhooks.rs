//! Webhooks of the built binary: where they are served, and that no crash loses a request or answers it twice.

use crate::talk::{Talk, package};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

const FLOW: &str = r#"state times: Int = 0

flow hook on webhook("/pay", body: Int) {
  set times = times + 1
  log("accepted {body}")
  await webhook("/go", body: Json)
  respond(200, "paid {body}, {times} in all")
}

flow typed on webhook("/typed", body: List<Int>, signature: bearer(secret("nobody_set_it"))) {
  respond(200, body)
}
"#;

/// Starts the runtime; gives where it is reached.
fn begin(package: &Path, data: &Path) -> (Talk, String) {
    let talk = Talk::serve(package, data, "127.0.0.1:0");
    let line = talk.told("webhook: POST http://");
    let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    (talk, address)
}

/// Sends a request; gives the stream that its answer comes on.
fn send(address: &str, path: &str, id: Option<&str>, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let id = id.map(|id| format!("idempotency-key: {id}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{id}content-type: application/json\r\n"
    );
    stream.write_all(format!("{head}content-length: {length}\r\n\r\n{body}").as_bytes()).unwrap();
    stream
}

/// Status and body.
fn heard(mut stream: TcpStream) -> (String, String) {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
}

fn ask(address: &str, path: &str, id: Option<&str>, body: &str) -> (String, String) {
    heard(send(address, path, id, body))
}

#[test]
fn a_kill_between_acceptance_and_answer_loses_nothing_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (package, data) = (package(folder.path(), FLOW), folder.path().join("data"));
    let (talk, address) = begin(&package, &data);
    let lost = send(&address, "/hooks/shop/pay", Some("one"), "5");
    // What is told left after the line that accepts it was durable.
    talk.told("accepted 5");
    talk.kill();
    drop(lost);
    let (talk, address) = begin(&package, &data);
    let again: Vec<TcpStream> =
        (0..10).map(|_| send(&address, "/hooks/shop/pay", Some("one"), "5")).collect();
    while ask(&address, "/hooks/shop/go", None, "{}").0 == "404" {
        // The run goes on after the start by itself; until it waits there, nobody hears.
        std::thread::yield_now();
    }
    for stream in again {
        assert_eq!(heard(stream), ("200".to_owned(), "paid 5, 1 in all".to_owned()));
    }
    talk.kill();
    let (_talk, address) = begin(&package, &data);
    let (status, body) = ask(&address, "/hooks/shop/pay", Some("one"), "5");
    assert_eq!((status.as_str(), body.as_str()), ("200", "paid 5, 1 in all"), "the first answer, for good");
    let (status, body) = ask(&address, "/hooks/shop/pay", Some("one"), "6");
    assert_eq!(status, "422", "{body}");
    assert!(body.contains("E1051"), "{body}");
}

#[test]
fn who_proves_nothing_and_who_names_another_server_are_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let (package, data) = (package(folder.path(), FLOW), folder.path().join("data"));
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    std::fs::write(folder.path().join("secrets/nobody_set_it"), "known by now").unwrap();
    let config = folder.path().join("carapace.json5");
    let text =
        "{ version: 1, vault: { kind: 'folder', path: 'secrets' }, accounts: { web: { kind: 'webchat' } } }";
    std::fs::write(&config, text).unwrap();
    let more = ["--config", config.to_str().unwrap(), "--no-terminal", "--no-watch"];
    let talk = Talk::launch(Some(&package), &data, "127.0.0.1:0", &more);
    let line = talk.told("webhook: POST http://");
    let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(ask(&address, "/hooks/shop/typed", None, "[]").0, "401");
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n").unwrap();
    assert_eq!(heard(stream).0, "421");
    let list = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        let output = command.args(["audit", "list", "--data"]).arg(&data).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    // It is written elsewhere, so that nobody waits for the disk.
    let begun = std::time::Instant::now();
    let mut log = list();
    while !(log.contains("E1053") && log.contains("E1026")) {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{log}");
        log = list();
    }
    assert!(log.contains("webhook") && log.contains("shop/typed"), "{log}");
    talk.kill();
}

#[test]
fn it_says_where_they_are_served_and_who_may_call_them() {
    let folder = tempfile::tempdir().unwrap();
    let (package, data) = (package(folder.path(), FLOW), folder.path().join("data"));
    let deploy = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        let output =
            command.arg("deploy").arg(&package).arg("--data").arg(&data).args(more).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}", text(&output.stderr));
        (text(&output.stdout), text(&output.stderr))
    };
    let (plan, told) = deploy(&["--dry-run"]);
    assert!(
        plan.contains("POST /hooks/shop/typed") && plan.contains("bearer, secret nobody_set_it"),
        "{plan}"
    );
    assert!(told.contains("W0651") && told.contains("/hooks/shop/pay"), "{told}");
    assert!(!told.contains("/hooks/shop/typed"), "{told}");
    let (json, _) = deploy(&["--dry-run", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["packages"][0]["webhooks"][1]["path"], "/hooks/shop/typed", "{json}");

    let talk = Talk::serve(&package, &data, "127.0.0.1:0");
    let line = talk.told("webhook: POST http://");
    assert!(line.ends_with("/hooks/shop/pay"), "{line}");
    talk.told("W0651");
    let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let (status, body) = ask(&address, "/hooks/shop/pay", None, "\"five\"");
    assert_eq!(status, "400", "{body}");
    assert!(body.contains("E1052"), "{body}");
    assert_eq!(ask(&address, "/hooks/shop/nothing", None, "1").0, "404");
    // Nobody set its secret: who runs this is told which, whoever calls is not.
    let (status, body) = ask(&address, "/hooks/shop/typed", None, "[]");
    assert_eq!(status, "503", "{body}");
    assert!(!body.contains("nobody_set_it"), "{body}");
    assert!(talk.told("E1054").contains("nobody_set_it"));
}
