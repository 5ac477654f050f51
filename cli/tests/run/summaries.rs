//! A conversation that grows long, and a process that is killed while it is summed up.

use crate::talk::{Talk, package};
use std::path::Path;
use std::process::Command;

const DESK: &str = r#"channel chat: any

agent desk {
  model: "demo/m"
  window: 500
  summary: "Keep numbers."
}

flow front on chat.message {
  reply(desk.chat(message.text) else e { "sorry: {e.message}" })
}
"#;

/// A summary takes its time, so that there is some to be killed in.
const ANSWERS: &str = r#"{ "instructions": "Keep numbers.", "say": "Figs are wanted.", "slow": 1500 }
{ "say": "Yes." }
"#;

#[test]
fn killed_while_it_sums_up_it_does_so_again_and_the_turns_come_back_when_they_are_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), DESK), folder.path().join("data"));
    std::fs::write(folder.path().join("answers.jsonl"), ANSWERS).unwrap();
    let config = folder.path().join("carapace.json5");
    std::fs::write(
        &config,
        "{ version: 1, models: { providers: { demo: { kind: \"scripted\", script: \"answers.jsonl\" } } } }",
    )
    .unwrap();
    let begin = || {
        Talk::begin(&shop, &data, &["--no-watch", "--no-loop-check", "--config", config.to_str().unwrap()])
    };
    let mut talk = begin();
    for number in 0..8 {
        talk.say(&format!("number {number} {}", "of many figs ".repeat(12)));
        assert_eq!(talk.hear(), "Yes.");
    }
    written(&data, "exchange.sum_up");
    talk.kill();
    let talk = begin();
    written(&data, "compacted");
    heard(&data);
    let id = listed(&data);
    let shown = carapace(&["session", "show", &id], &data);
    assert!(shown.contains("in short: Figs are wanted.") && !shown.contains("number 0 "), "{shown}");
    assert!(carapace(&["session", "show", &id, "--all"], &data).contains("number 0 "));
    assert!(carapace(&["session", "verify"], &data).contains("all is well"));

    // As often as something was put away; then nothing is.
    let (mut restored, mut refused) = (0, output(&["session", "restore", &id], &data));
    while refused.status.success() {
        assert!(String::from_utf8_lossy(&refused.stdout).contains("are back"), "{refused:?}");
        restored += 1;
        refused = output(&["session", "restore", &id], &data);
    }
    assert!(restored > 0 && String::from_utf8_lossy(&refused.stderr).contains("E1131"), "{refused:?}");
    let shown = carapace(&["session", "show", &id], &data);
    assert!(shown.contains("number 0 ") && !shown.contains("Figs are wanted."), "{shown}");
    assert!(talk.end().1.success());
    assert!(carapace(&["session", "verify"], &data).contains("all is well"));
}

/// Waits until the journal has this in it.
fn written(data: &Path, part: &str) {
    let all = || -> String {
        let files = std::fs::read_dir(data.join("journal")).into_iter().flatten().flatten();
        files.map(|file| std::fs::read_to_string(file.path()).unwrap_or_default()).collect()
    };
    while !all().contains(part) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Waits until the runtime that was begun can be asked something.
fn heard(data: &Path) {
    let running = || {
        let listed = output(&["session", "list", "--format", "json"], data);
        let listed: Option<serde_json::Value> = serde_json::from_slice(&listed.stdout).ok();
        listed.is_some_and(|listed| listed["runtime"] == "running")
    };
    while !running() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

fn listed(data: &Path) -> String {
    let listed = carapace(&["session", "list", "--format", "json"], data);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    listed["sessions"][0]["id"].as_str().unwrap().to_owned()
}

fn output(args: &[&str], data: &Path) -> std::process::Output {
    let data = ["--data", data.to_str().unwrap()];
    Command::new(env!("CARGO_BIN_EXE_carapace")).args(args).args(data).output().unwrap()
}

fn carapace(args: &[&str], data: &Path) -> String {
    let output = output(args, data);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{args:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
