//! The socket itself: what comes through it does no harm.

use crate::asked::{ASKS, RUNS, only};
use crate::talk::{Talk, package};
use serde_json::{Value as Json, json as object};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

fn connect(data: &Path) -> UnixStream {
    let stream = UnixStream::connect(data.join("control.sock")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

fn ask(stream: &UnixStream, line: &[u8]) -> Json {
    let mut writer = stream;
    writer.write_all(line).unwrap();
    writer.write_all(b"\n").unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    serde_json::from_str(&answer).unwrap()
}

fn call(stream: &UnixStream, method: &str, params: Json) -> Json {
    let line = object!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    let answer = ask(stream, line.to_string().as_bytes());
    assert_eq!((&answer["id"], &answer["jsonrpc"]), (&7.into(), &"2.0".into()), "{answer}");
    answer
}

#[test]
fn junk_is_answered_with_an_error_and_the_runtime_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("book");
    assert_eq!((talk.hear().as_str(), talk.hear().as_str()), ("Booked.", "What is your name?"));
    let mode = std::fs::metadata(data.join("control.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let stream = connect(&data);
    let deep = "[".repeat(200_000);
    for (line, code) in [
        (&b"{"[..], -32700),
        (b"GET / HTTP/1.1", -32700),
        (b"\xff\xfe\x00\x01", -32700),
        (deep.as_bytes(), -32700),
        (b"[]", -32600),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1}", -32600),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"runs.drop\"}", -32601),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"runs.show\"}", -32602),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"runs.show\",\"params\":{\"run\":7}}", -32602),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"runs.list\",\"params\":{\"stray\":7}}", -32602),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"runs.show\",\"params\":{\"run\":\"\xc3\xa9\"}}",
            -32000,
        ),
    ] {
        let answer = ask(&stream, line);
        assert_eq!(answer["error"]["code"], code, "{}: {answer}", String::from_utf8_lossy(line));
    }
    // The same connection goes on, and one that ends in the middle of a line leaves nothing behind.
    assert_eq!(call(&stream, "runs.list", object!({}))["result"]["total"], 1);
    connect(&data).write_all(b"{\"jsonrpc\":").unwrap();

    let endless = connect(&data);
    let mut writer = &endless;
    // The other side ends the connection at its bound, so the rest may not be taken.
    let _ = writer.write_all(&vec![b'x'; 33 << 20]);
    let mut answer = String::new();
    let _ = (&endless).take(1 << 16).read_to_string(&mut answer);
    assert!(answer.is_empty() || answer.contains("at most 33554432 bytes"), "{answer}");

    talk.say("Ana");
    assert_eq!(talk.hear(), "Hello Ana.");
    assert!(talk.end().1.success());
}

#[test]
fn many_may_ask_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), ASKS), folder.path().join("data"));
    let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
    talk.say("later");
    talk.say("book");
    assert_eq!(talk.hear(), "Booked.");
    let (one, two) = (connect(&data), connect(&data));
    // One that says nothing keeps nobody waiting.
    assert_eq!(call(&two, "runs.list", object!({}))["result"]["total"], 2);
    assert_eq!(call(&one, "runs.list", object!({ "flow": "later" }))["result"]["total"], 1);
    let later = only(&data, "later");
    let cancelled = call(&one, "runs.cancel", object!({ "run": later }));
    assert_eq!(cancelled["result"]["run"], later.as_str());
    // What one client was told is so for the other: it was durable before it was told.
    let shown = call(&two, "runs.show", object!({ "run": later }));
    assert_eq!(shown["error"], Json::Null, "{shown}");
    std::thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| {
                let stream = connect(&data);
                for _ in 0..20 {
                    assert_eq!(call(&stream, "runs.list", object!({ "flow": "book" }))["result"]["total"], 1);
                }
            });
        }
    });
    drop((one, two));
    assert_eq!(RUNS.json(&data, &["list", "--flow", "book"])["total"], 1);
}

#[test]
fn a_data_directory_may_have_a_long_name_and_a_stray_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let shop = package(folder.path(), ASKS);
    let data = folder.path().join("d".repeat(120));
    if cfg!(target_os = "linux") {
        let mut talk = Talk::begin(&shop, &data, &["--no-watch"]);
        talk.say("later");
        talk.say("book");
        assert_eq!(talk.hear(), "Booked.");
        assert_eq!(RUNS.json(&data, &["list"])["runtime"], "running");
        talk.kill();
    }
    let data = folder.path().join("taken");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("control.sock"), "mine").unwrap();
    let talk = Talk::serve(&shop, &data, "127.0.0.1:0");
    assert!(talk.told("is no socket").contains("control.sock"));
    // It serves all the same.
    talk.told("chat page");
    talk.kill();
    assert_eq!(std::fs::read_to_string(data.join("control.sock")).unwrap(), "mine");
}
