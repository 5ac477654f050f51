//! What is asked of the built binary about a runtime.

use serde_json::Value as Json;
use std::path::Path;
use std::process::{Command, Output};

/// A flow that asks, and can be cancelled.
pub(crate) const ASKS: &str = r#"channel chat: any

flow book on chat.message where message.text == "book" {
  reply("Booked.") undo { say("Taken back.") }
  let name = ask("What is your name?") within 1h else { return }
  reply("Hello {name}.")
} on cancel {
  reply("Cancelled.")
}

flow say(text: Text) { reply(text) }

flow later on chat.message where message.text == "later" {
  wait(3d)
  reply("Three days later.")
}

flow pay on chat.message where message.text == "pay" {
  await event("paid", Text)
  reply("Paid.")
}
"#;

pub(crate) fn runs(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.arg("runs").args(args).arg("--data").arg(data);
    command.stdin(std::process::Stdio::null()).output().unwrap()
}

/// What it prints, where it succeeds.
pub(crate) fn text(data: &Path, args: &[&str]) -> String {
    let output = runs(data, args);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same as JSON.
pub(crate) fn json(data: &Path, args: &[&str]) -> Json {
    let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
    serde_json::from_str(&text(data, &args)).unwrap()
}

/// How it fails: what it says, with status 2 and nothing on standard output.
pub(crate) fn failure(data: &Path, args: &[&str]) -> String {
    let output = runs(data, args);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The id of the only run of a flow that lives.
pub(crate) fn only(data: &Path, flow: &str) -> String {
    let listed = json(data, &["list", "--flow", flow]);
    assert_eq!(listed["total"], 1, "{listed}");
    listed["runs"][0]["run"].as_str().unwrap().to_owned()
}

/// What a history says, in order.
pub(crate) fn history(shown: &Json) -> Vec<String> {
    let entries = shown["history"]["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["what"].as_str().unwrap().to_owned()).collect()
}
