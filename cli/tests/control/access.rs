//! Who gets in from elsewhere: tokens and codes that the built binary gives out, and the log of it.

use crate::asked::{ASKS, Asked};
use crate::talk::{Talk, package};
use serde_json::Value as Json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const TOKEN: Asked = Asked::of("token");
const PAIR: Asked = Asked::of("pair");
const AUDIT: Asked = Asked::of("audit");

/// A call over HTTP, as a proxy hands it on; the status and the body of its answer.
fn call(address: &str, path: &str, token: Option<&str>, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-forwarded-for: 192.0.2.9\r\ncontent-type: application/json\r\n{token}content-length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn rpc(method: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{}}}}"#)
}

/// Where it serves.
fn address(talk: &Talk) -> String {
    let told = talk.told("chat page");
    told.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned()
}

fn typed(data: &Path, args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command
        .args(args)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn acts(data: &Path) -> Vec<String> {
    let listed = AUDIT.json(data, &["list"]);
    let text = |act: &Json, key: &str| act[key].as_str().unwrap_or_default().to_owned();
    let acts = listed["acts"].as_array().unwrap().iter();
    acts.map(|act| ["who", "from", "what", "on", "outcome"].map(|key| text(act, key)).join(" ")).collect()
}

#[test]
fn a_token_counts_from_before_the_first_start_until_it_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let before = TOKEN.text(&data, &["create", "ci", "--scope", "read,deploy"]);
    let token = before.trim();
    assert!(token.starts_with("cpc_") && token.len() == 50, "{token}");
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    let address = address(&talk);
    assert_eq!(call(&address, "/v1/rpc", None, &rpc("runs.list")).0, 401);
    let (status, body) = call(&address, "/v1/rpc", Some(token), &rpc("runs.list"));
    assert!(status == 200 && body.contains("\"total\":0"), "{body}");
    let (_, body) = call(&address, "/v1/rpc", Some(token), &rpc("tokens.list"));
    assert!(body.contains("E0974"), "a token may not more than it says: {body}");
    let listed = TOKEN.json(&data, &["list"]);
    assert_eq!(listed["tokens"][0]["name"], "ci", "{listed}");
    assert!(!listed.to_string().contains(token));
    assert!(TOKEN.failure(&data, &["create", "ci", "--scope", "read"]).contains("E1025"));
    TOKEN.text(&data, &["revoke", "ci"]);
    let (status, body) = call(&address, "/v1/rpc", Some(token), &rpc("runs.list"));
    assert!(status == 401 && body.contains("was taken back"), "{body}");
    assert!(TOKEN.failure(&data, &["revoke", "ci"]).contains("E1025"));
    talk.say("nothing");
    assert!(talk.end().1.success());
    let acts = acts(&data);
    for expected in [
        "local command line tokens.create ci done",
        "? 127.0.0.1 authenticate  refused E1022",
        "ci 127.0.0.1 tokens.list  refused E0974",
        "local control socket tokens.create ci refused E1025",
        "local control socket tokens.revoke ci done",
        "ci 127.0.0.1 authenticate  refused E1022",
    ] {
        assert!(acts.iter().any(|act| act == expected), "{expected}: {acts:#?}");
    }
    assert!(AUDIT.text(&data, &["verify"]).contains("whole"));
}

#[test]
fn a_device_is_paired_once_and_may_what_was_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    assert!(PAIR.failure(&data, &["--scope", "read"]).contains("E0941"), "nobody would take the code");
    let talk = Talk::begin(&shop, &data, &["--no-watch"]);
    let address = address(&talk);
    let code = PAIR.text(&data, &["--scope", "read", "--expires", "30d"]);
    let say = |code: &str, more: &str| format!(r#"{{"code":"{}","name":"phone"{more}}}"#, code.trim());
    assert_eq!(call(&address, "/v1/pair", None, &say("2222-2222", "")).0, 403);
    let (status, body) = call(&address, "/v1/pair", None, &say(&code, r#","scopes":["admin"]"#));
    assert!(status == 400 && body.contains("E1028"), "a device does not say what it may do: {body}");
    let (status, body) = call(&address, "/v1/pair", None, &say(&code, ""));
    assert_eq!(status, 201, "{body}");
    let paired: Json = serde_json::from_str(&body).unwrap();
    assert_eq!(paired["scopes"], serde_json::json!(["read"]));
    let token = paired["token"].as_str().unwrap();
    assert_eq!(call(&address, "/v1/rpc", Some(token), &rpc("runs.list")).0, 200);
    assert_eq!(call(&address, "/v1/pair", None, &say(&code, "")).0, 403, "once");
    assert!(talk.end().1.success());
    let acts = acts(&data);
    assert!(acts.iter().any(|act| act.starts_with("phone 127.0.0.1 pair ")), "{acts:#?}");
    let kept: Vec<_> =
        std::fs::read_dir(data.join("audit")).unwrap().map(|file| file.unwrap().path()).collect();
    for file in kept {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(!text.contains(token) && !text.contains(code.trim()), "{text}");
    }
}

#[test]
fn a_log_that_was_changed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for name in ["a", "b", "c"] {
        TOKEN.text(&data, &["create", name, "--scope", "read"]);
    }
    let noted = AUDIT.json(&data, &["verify"])["newest"].as_str().unwrap().to_owned();
    assert!(AUDIT.text(&data, &["verify", "--head", &noted]).contains("lines 1 to 3"));
    let path = data.join("audit/00000001.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let without: String =
        text.lines().filter(|line| !line.contains("\"b\"")).map(|line| format!("{line}\n")).collect();
    for changed in [
        without,
        text.replace("\"b\"", "\"x\""),
        text.lines().take(2).map(|line| format!("{line}\n")).collect(),
    ] {
        std::fs::write(&path, changed).unwrap();
        let output = AUDIT.output(&data, &["verify"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && told.contains("E1027"), "{told}");
    }
}

#[test]
fn weak_tokens_and_open_doors_are_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    for weak in ["changeme", "", "0123456789", "password-password-password-password"] {
        let output = typed(&data, &["token", "create", "own", "--scope", "read", "--stdin"], weak);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && told.contains("E1024"), "{weak}: {told}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command
        .arg("run")
        .arg(&shop)
        .arg("--data")
        .arg(&data)
        .args(["--listen", "0.0.0.0:0"])
        .stdin(Stdio::null());
    let told = String::from_utf8(command.output().unwrap().stderr).unwrap();
    assert!(told.contains("E1021") && told.contains("carapace token create"), "{told}");
    let own = "Zq8vT1mX4cWn7RbY2kLs9HdF3gJp6AeU";
    let output = typed(&data, &["token", "create", "own", "--scope", "read", "--stdin"], own);
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
}
