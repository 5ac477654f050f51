//! What runs did, told to a collector that reads it with the messages of the OpenTelemetry project in Python:
//! `telemetry.otlp` of the built binary.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says where it is skipped"
)]

#[expect(dead_code, reason = "other tests use all of it")]
mod talk;

use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use talk::{Talk, package};

/// Nothing that is told here takes as long on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// One flow starts another, one of its operations fails, and both have what people wrote at hand.
const SHOP: &str = "use std/http\n\nchannel chat: any\n\n\
    flow answer on chat.message {\n  reply(\"you said {message.text}\")\n  \
    let gone = http.get(url\"http://127.0.0.1:1/{message.text}\") else problem {\n    start note(message.text)\n    return\n  }\n}\n\n\
    flow note(text: Text) {\n  log(text)\n  fail(text)\n}\n";

const WRITTEN: &str = "distinctive-words-of-a-person";
const SECRET: &str = "distinctive-token-5e1f";

/// A collector, and what it was sent.
struct Collector {
    child: Child,
    port: u16,
    sent: Receiver<Json>,
}

impl Collector {
    /// Starts one that turns so many requests away; none where there is no Python with the messages.
    fn start(refusing: u32) -> Option<Collector> {
        let named = std::env::var_os("CARAPACE_PEERS").map(PathBuf::from);
        let peers = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers"));
        let python = peers.join("python/bin/python");
        let has = Command::new(&python)
            .args(["-c", "import opentelemetry.proto.collector.trace.v1.trace_service_pb2"])
            .stderr(Stdio::null())
            .status();
        if !has.is_ok_and(|status| status.success()) {
            eprintln!("skipped: collector ({} has no opentelemetry-proto)", python.display());
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/telemetry/collector.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(refusing.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        let (tell, sent) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if tell.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        Some(Collector { child, port, sent })
    }

    /// Waits until there are spans of so many runs that are over; gives all spans by name, and the requests.
    fn spans(&self, runs: usize) -> (BTreeMap<String, Json>, Vec<Json>) {
        let (mut spans, mut requests, mut over) = (BTreeMap::new(), Vec::new(), 0);
        while over < runs {
            let sent = self.sent.recv_timeout(PATIENCE).expect("spans are sent");
            requests.push(sent.clone());
            if sent["status"] != 200 {
                continue;
            }
            for resource in sent["request"]["resourceSpans"].as_array().unwrap() {
                assert_eq!(attribute(&resource["resource"], "service.name"), "carapace");
                for scope in resource["scopeSpans"].as_array().unwrap() {
                    for span in scope["spans"].as_array().unwrap() {
                        over += usize::from(span.get("parentSpanId").is_none());
                        spans.insert(span["name"].as_str().unwrap().to_owned(), span.clone());
                    }
                }
            }
        }
        (spans, requests)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An attribute's text; nothing where there is none.
fn attribute(of: &Json, key: &str) -> String {
    let list = of["attributes"].as_array().cloned().unwrap_or_default();
    let found = list.iter().find(|attribute| attribute["key"] == key);
    found.and_then(|found| found["value"]["stringValue"].as_str().map(str::to_owned)).unwrap_or_default()
}

/// A folder with the package and a configuration that names a collector.
fn folder(port: u16, more: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    package(folder.path(), SHOP);
    let config = folder.path().join("carapace.json5");
    let otlp = format!("{{ url: 'http://127.0.0.1:{port}', {more} }}");
    let text = format!(
        "{{ version: 1, vault: {{ kind: 'file', key_file: 'vault.key', path: 'secrets.vault' }}, \
         net: {{ private: ['127.0.0.1:1'] }}, telemetry: {{ otlp: {otlp} }} }}"
    );
    fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap().to_owned();
    (folder, config)
}

#[test]
fn runs_are_traces_with_names_and_kinds_and_nothing_that_people_wrote() {
    let Some(collector) = Collector::start(0) else { return };
    let (folder, config) = folder(collector.port, "headers: { Authorization: 'otel' }");
    let mut set = Command::new(env!("CARGO_BIN_EXE_carapace"));
    set.args(["secret", "set", "otel", "--stdin"]).current_dir(folder.path()).stdin(Stdio::piped());
    let mut set = set.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    set.stdin.take().unwrap().write_all(SECRET.as_bytes()).unwrap();
    assert!(set.wait().unwrap().success());
    let shop = folder.path().join("shop");
    let data = folder.path().join("data");
    let mut talk = Talk::begin(&shop, &data, &["--no-watch", "--config", &config]);
    talk.say(WRITTEN);
    talk.hear();
    let (spans, requests) = collector.spans(2);
    assert!(talk.end().1.success());
    assert!(requests.iter().all(|sent| sent["path"] == "/v1/traces"), "{requests:#?}");
    assert!(requests.iter().all(|sent| sent["headers"]["authorization"] == SECRET), "{requests:#?}");
    let without_headers: Vec<&Json> = requests.iter().map(|sent| &sent["request"]).collect();
    assert!(!format!("{without_headers:?}").contains(WRITTEN), "{without_headers:#?}");

    let names: Vec<&str> = spans.keys().map(String::as_str).collect();
    assert_eq!(names, ["chat.reply", "http.get", "shop/main.answer", "shop/main.note"], "{spans:#?}");
    let answer = &spans["shop/main.answer"];
    assert_eq!(
        (attribute(answer, "carapace.outcome"), &*attribute(answer, "carapace.package")),
        ("finished".into(), "shop")
    );
    assert_eq!(answer["kind"], "SPAN_KIND_CONSUMER");
    for name in ["chat.reply", "http.get"] {
        let span = &spans[name];
        assert_eq!(
            (&span["traceId"], &span["parentSpanId"]),
            (&answer["traceId"], &answer["spanId"]),
            "{name}"
        );
        let time = |key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
        assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"), "{span:#}");
        assert_eq!(span["events"][0]["name"], "started", "{span:#}");
    }
    assert_eq!(spans["http.get"]["status"]["code"], "STATUS_CODE_ERROR");
    assert!(!attribute(&spans["http.get"], "error.type").is_empty());
    let note = &spans["shop/main.note"];
    assert_eq!(
        (attribute(note, "error.type"), &note["status"]["code"]),
        ("failed".into(), &"STATUS_CODE_ERROR".into())
    );
    let link = &note["links"][0];
    assert_eq!((&link["traceId"], &link["spanId"]), (&answer["traceId"], &answer["spanId"]), "{note:#}");
    assert_ne!(note["traceId"], answer["traceId"], "a run is a trace");
    let run = attribute(answer, "carapace.run");
    assert_eq!(run.len(), 32);
    let hex = answer["traceId"].as_str().unwrap();
    assert_eq!(hex, base64(&run), "which has the run's own id");
}

/// What JSON of protobuf makes of bytes that are written as hexadecimal digits.
fn base64(hex: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = hex.chars().map(|c| format!("{:04b}", c.to_digit(16).unwrap())).collect();
    let letters = bits.as_bytes().chunks(6).map(|chunk| {
        let bits = format!("{:0<6}", std::str::from_utf8(chunk).unwrap());
        char::from(LETTERS[usize::from_str_radix(&bits, 2).unwrap()])
    });
    let text: String = letters.collect();
    format!("{text:=<width$}", width = text.len().div_ceil(4) * 4)
}

#[test]
fn a_collector_that_was_away_gets_what_it_missed_also_after_a_power_cut() {
    // Nobody listens there yet.
    let Some(free) = Collector::start(0) else { return };
    let port = free.port;
    drop(free);
    let (folder, config) = folder(port, "sample: 100");
    let (shop, data) = (folder.path().join("shop"), folder.path().join("data"));
    let start = |config: &str| Talk::begin(&shop, &data, &["--no-watch", "--config", config]);
    let mut talk = start(&config);
    talk.say(WRITTEN);
    talk.hear();
    talk.told("warning[W0655]: the collector takes no spans");
    talk.kill();
    // It is somewhere else now, and busy at first.
    let collector = Collector::start(2).unwrap();
    let moved =
        fs::read_to_string(&config).unwrap().replace(&format!(":{port}'"), &format!(":{}'", collector.port));
    fs::write(&config, moved).unwrap();
    let mut talk = start(&config);
    let (spans, requests) = collector.spans(2);
    assert!(spans.contains_key("shop/main.answer") && spans.contains_key("shop/main.note"), "{spans:#?}");
    assert_eq!(requests.iter().filter(|sent| sent["status"] == 503).count(), 2);
    talk.told("the collector takes spans again");
    // What was told is not told again, and what happens is.
    talk.say("again");
    talk.hear();
    let (spans, _) = collector.spans(2);
    assert!(!format!("{spans:?}").contains("again"), "{spans:#?}");
    assert!(talk.end().1.success());
    let left = collector.sent.try_iter().filter(|sent| sent["request"].to_string().contains("main.answer"));
    assert_eq!(left.count(), 0, "each run is told once");
}

#[test]
fn secrets_do_not_go_to_another_machine_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    package(folder.path(), SHOP);
    let run = |url: &str| {
        let otlp = format!("{{ url: '{url}', headers: {{ a: 'b' }} }}");
        fs::write(
            folder.path().join("carapace.json5"),
            format!("{{ version: 1, telemetry: {{ otlp: {otlp} }} }}"),
        )
        .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        command.args(["run", "shop", "--listen", "127.0.0.1:0"]).current_dir(folder.path());
        let output = command.stdin(Stdio::null()).output().unwrap();
        (String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code())
    };
    for (url, code) in [("http://otel.example:4318", "E1101"), ("https://otel.example:99999", "E1102")] {
        let (told, status) = run(url);
        assert!(told.contains(&format!("error[{code}]")) && told.contains("help"), "{url}: {told}");
        assert_eq!(status, Some(2), "{told}");
    }
}
