//! What is asked of the built binary about a runtime.

use serde_json::Value as Json;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

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

/// A command that looks into a runtime, or steers it.
pub(crate) struct Asked(&'static str);

pub(crate) const RUNS: Asked = Asked("runs");
pub(crate) const OUTBOX: Asked = Asked("outbox");
pub(crate) const SESSION: Asked = Asked("session");

impl Asked {
    /// Another command.
    pub(crate) const fn of(command: &'static str) -> Asked {
        Asked(command)
    }

    pub(crate) fn output(&self, data: &Path, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        command.arg(self.0).args(args).arg("--data").arg(data);
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// What it prints, where it succeeds.
    pub(crate) fn text(&self, data: &Path, args: &[&str]) -> String {
        let output = self.output(data, args);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same as JSON.
    pub(crate) fn json(&self, data: &Path, args: &[&str]) -> Json {
        let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
        serde_json::from_str(&self.text(data, &args)).unwrap()
    }

    /// How it fails: what it says, with status 2 and nothing on standard output.
    pub(crate) fn failure(&self, data: &Path, args: &[&str]) -> String {
        let output = self.output(data, args);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Asks until the list is as expected: for what a runtime does at its own pace.
    pub(crate) fn until(&self, data: &Path, expected: impl Fn(&Json) -> bool) -> Json {
        let mut last = Json::Null;
        for _ in 0..600 {
            if data.join("control.sock").exists() {
                last = self.json(data, &["list"]);
                if expected(&last) {
                    return last;
                }
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it never comes to that: {last}");
    }
}

impl Asked {
    /// Asks until the first session in the list is as expected; gives it.
    pub(crate) fn until_session(&self, data: &Path, expected: impl Fn(&Json) -> bool) -> Json {
        self.until(data, |listed| expected(&listed["sessions"][0]))["sessions"][0].clone()
    }
}

/// A runtime whose answers nobody reads until it has ended: what is larger than a pipe stays on its way.
pub(crate) fn unread(package: &Path, data: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_carapace"))
        .arg("run")
        .arg(package)
        .arg("--data")
        .arg(data)
        .args(["--listen", "127.0.0.1:0", "--no-watch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The id of the only run of a flow that lives.
pub(crate) fn only(data: &Path, flow: &str) -> String {
    let listed = RUNS.json(data, &["list", "--flow", flow]);
    assert_eq!(listed["total"], 1, "{listed}");
    listed["runs"][0]["run"].as_str().unwrap().to_owned()
}

/// What a history says, in order.
pub(crate) fn history(shown: &Json) -> Vec<String> {
    let entries = shown["history"]["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["what"].as_str().unwrap().to_owned()).collect()
}
