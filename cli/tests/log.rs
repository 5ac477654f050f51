//! The log of the built binary: for people, for programs, as much as is chosen, and nothing that people wrote.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[expect(dead_code, reason = "other tests use all of it")]
mod talk;

use serde_json::Value as Json;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use talk::{Talk, package};

/// What a person writes, and a flow answers, fails with and notes.
const SHOP: &str = "channel chat: any\n\n\
    flow echo on chat.message {\n  log(\"a note of the flow\")\n  reply(\"you said {message.text}\")\n  \
    fail(\"no luck with {message.text}\")\n}\n";

const WRITTEN: &str = "distinctive-words-of-a-person";

/// Runs the flow on one message, to the end of its input.
fn run(more: &[&str], config: Option<&str>, variable: Option<&str>) -> Output {
    let folder = tempfile::tempdir().unwrap();
    package(folder.path(), SHOP);
    if let Some(config) = config {
        fs::write(folder.path().join("carapace.json5"), format!("{{ version: 1, {config} }}")).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.args(["run", "shop", "--listen", "127.0.0.1:0", "--no-watch"]).args(more);
    command.current_dir(folder.path()).env_remove("CARAPACE_LOG");
    command.envs(variable.map(|level| ("CARAPACE_LOG", level)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may be gone already, where it does not start.
    let _ = child.stdin.take().unwrap().write_all(format!("{WRITTEN}\n").as_bytes());
    child.wait_with_output().unwrap()
}

/// What stands on standard error, each line of which is an object.
fn lines(output: &Output) -> Vec<Json> {
    let told = String::from_utf8_lossy(&output.stderr);
    told.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn is_told(lines: &[Json], level: &str, target: &str, message: &str) -> bool {
    lines.iter().any(|line| {
        line["level"] == level && line["target"] == target && line["fields"]["message"] == message
    })
}

#[test]
fn for_programs_each_line_is_an_object_and_holds_nothing_that_people_wrote() {
    let output = run(&["--log-format", "json"], None, None);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains(WRITTEN), "the flow has answered");
    let told = lines(&output);
    assert!(is_told(&told, "INFO", "carapace::flow", "a note of the flow"), "{told:#?}");
    let failed = told.iter().find(|line| line["fields"]["message"] == "a run failed").unwrap();
    assert_eq!((&failed["level"], &failed["fields"]["kind"]), (&Json::from("ERROR"), &Json::from("failed")));
    assert_eq!(failed["fields"]["run"].as_str().map(str::len), Some(32), "{failed:#}");
    assert_eq!(failed["fields"]["flow"], "shop/main.echo");
    assert!(failed["timestamp"].as_str().unwrap().ends_with('Z'), "{failed:#}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains(WRITTEN), "{told:#?}");
    assert!(told.iter().all(|line| line["level"] != "DEBUG"), "{told:#?}");

    let output = run(&["--log-format", "json", "--log-level", "trace"], None, None);
    let told = lines(&output);
    assert!(is_told(&told, "DEBUG", "carapace::run", "a run came to be"), "{told:#?}");
    let acts = told.iter().filter(|line| line["target"] == "carapace::act");
    assert!(acts.clone().any(|line| line["fields"]["effect"] == "chat.reply"), "{told:#?}");
    let words: Vec<&Json> = told.iter().filter(|line| line.to_string().contains(WRITTEN)).collect();
    let [said] = words[..] else { panic!("{words:#?}") };
    assert_eq!(said["fields"]["message"], format!("it said: no luck with {WRITTEN}"), "and nobody else does");
    let foreign = |line: &&Json| !line["target"].as_str().unwrap().starts_with("carapace");
    assert_eq!(told.iter().find(foreign), None, "what it is made of does not talk");
}

#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let file = "log: { format: 'json', level: 'error' }";
    let told = lines(&run(&[], Some(file), None));
    assert!(!told.is_empty() && told.iter().all(|line| line["level"] == "ERROR"), "{told:#?}");
    let told = lines(&run(&[], Some(file), Some("debug")));
    assert!(told.iter().any(|line| line["level"] == "DEBUG"), "{told:#?}");
    let output = run(&["--log-format", "human", "--log-level", "debug"], Some(file), Some("error"));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("DEBUG carapace::run: a run came to be run="), "{told}");
    assert!(told.contains("info shop/main.echo: a note of the flow"), "people are told as ever: {told}");
    let output = run(&["--log-level", "off", "--log-format", "json"], None, None);
    assert_eq!((lines(&output).len(), output.status.code()), (0, Some(0)));
    let output = run(&[], None, Some("loud"));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("E1100") && output.status.code() == Some(2), "{told}");
}

#[test]
fn what_keeps_it_from_starting_is_a_line_too() {
    let output = run(&["--log-format", "json"], Some("lisen: 'x', history: 30"), None);
    let told = lines(&output);
    let codes: Vec<&Json> = told.iter().map(|line| &line["fields"]["code"]).collect();
    assert!(codes.contains(&&Json::from("W0601")) && codes.contains(&&Json::from("E0979")), "{told:#?}");
    let output = run(&["--log-format", "json", "--config", "nowhere.json5"], None, None);
    assert_eq!(
        (lines(&output)[0]["fields"]["code"].as_str(), output.status.code()),
        (Some("E0901"), Some(2))
    );
}

#[test]
fn a_level_that_changes_counts_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let shop = package(folder.path(), SHOP);
    let config = folder.path().join("carapace.json5");
    let write = |level: &str| {
        let beside = folder.path().join("carapace.json5~");
        fs::write(&beside, format!("{{ version: 1, log: {{ format: 'json', level: '{level}' }} }}")).unwrap();
        fs::rename(beside, &config).unwrap();
    };
    write("info");
    let more = ["--no-watch", "--config", config.to_str().unwrap()];
    let mut talk = Talk::begin(&shop, &folder.path().join("data"), &more);
    talk.told("running shop");
    write("debug");
    talk.told("taken over: `log`");
    talk.say("x");
    talk.told("a run came to be");
    assert!(talk.end().1.success());
}
