//! `carapace outbox`: messages that failed, that wait, that are on their way; looked at and seen to.

use crate::asked::{OUTBOX, unread};
use crate::talk::{Talk, package};
use std::process::{Command, Stdio};

const SENDS: &str = r#"channel chat: any
group managers

flow tell on chat.message where message.text == "tell" {
  send("The shop burns.", to: managers) else e {
    reply("Nobody heard it: {e.message}")
  }
}
"#;

#[test]
fn what_failed_is_kept_looked_at_sent_again_and_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), SENDS), folder.path().join("data"));
    let bound = ["--no-watch", "--bind", "managers=webchat:nobody"];
    let mut talk = Talk::begin(&shop, &data, &bound);
    talk.say("tell");
    assert_eq!(talk.hear(), "Nobody heard it: there is no visitor `nobody`");
    let listed = OUTBOX.json(&data, &["list"]);
    let message = &listed["messages"][0];
    assert_eq!(
        (&listed["total"], &message["state"], &listed["runtime"]),
        (&1.into(), &"dead".into(), &"running".into())
    );
    assert_eq!(
        (&message["text"], &message["to"], &message["account"]),
        (&"The shop burns.".into(), &"@nobody".into(), &"webchat".into())
    );
    assert_eq!((&message["why"], &message["attempts"]), (&"there is no visitor `nobody`".into(), &1.into()));
    assert_eq!((&message["at"]["file"], &message["at"]["line"]), (&"main.flow".into(), &5.into()));
    let told = OUTBOX.text(&data, &["list"]);
    for part in ["MESSAGE", "dead", "webchat/@nobody", "“The shop burns.”", "main.flow:5", "no visitor"] {
        assert!(told.contains(part), "`{part}`: {told}");
    }
    assert_eq!(OUTBOX.json(&data, &["list", "--state", "queued"])["total"], 0);
    assert_eq!(OUTBOX.json(&data, &["list", "--channel", "terminal"])["total"], 0);
    assert_eq!(OUTBOX.json(&data, &["list", "--channel", "webchat", "--state", "dead"])["total"], 1);
    let id = message["id"].as_str().unwrap().to_owned();
    let shown = OUTBOX.text(&data, &["show", &id]);
    for part in [
        &format!("outbox retry {id}"),
        "chat.send in shop/main.tell",
        "send(\"The shop burns.\"",
        "sent chat.send",
    ] {
        assert!(shown.contains(part), "`{part}`: {shown}");
    }
    assert!(OUTBOX.text(&data, &["retry", &id]).contains("is sent again"));
    let again = OUTBOX.until(&data, |listed| listed["messages"][0]["state"] == "dead");
    assert_eq!(again["total"], 1, "it fails again, and is kept once");

    // It is there without a runtime, too, and after a power cut.
    talk.kill();
    let stopped = OUTBOX.json(&data, &["list"]);
    assert_eq!((&stopped["messages"], &stopped["runtime"]), (&again["messages"], &"stopped".into()));
    assert!(OUTBOX.text(&data, &["show", &id]).contains("does not run"));
    let told = OUTBOX.failure(&data, &["retry", &id]);
    assert!(told.contains("E0941") && told.contains("carapace run"), "{told}");

    let talk = Talk::begin(&shop, &data, &bound);
    talk.told("chat page");
    let told = OUTBOX.failure(&data, &["drop", "nobody"]);
    assert!(told.contains("E0961") && told.contains("outbox list"), "{told}");
    assert!(OUTBOX.text(&data, &["drop", &id]).contains("is thrown away"));
    assert_eq!(OUTBOX.json(&data, &["list"])["total"], 0);
    assert!(OUTBOX.failure(&data, &["show", &id]).contains("E0961"));
    assert!(talk.end().1.success());
}

/// A message that is larger than a pipe, so that it is on its way as long as nobody reads; and one behind it.
const TWO: &str = r#"channel chat: any

flow two on chat.message where message.text == "go" {
  parallel {
    reply("0123456789".repeated(9_000))
    reply("behind") else e { log("{e.kind}") }
  }
  reply("Done.")
}
"#;

#[test]
fn what_waits_is_told_from_what_is_on_its_way_and_can_be_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), TWO), folder.path().join("data"));
    let mut child = unread(&shop, &data);
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"go\n").unwrap();
    let listed = OUTBOX.until(&data, |listed| listed["total"] == 2);
    let of = |state: &str| {
        let messages = listed["messages"].as_array().unwrap();
        messages.iter().find(|message| message["state"] == state).unwrap_or_else(|| panic!("{listed}"))["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (sending, queued) = (of("sending"), of("queued"));
    let told = OUTBOX.failure(&data, &["drop", &sending]);
    assert!(told.contains("E0962"), "{told}");
    assert!(OUTBOX.failure(&data, &["retry", &queued]).contains("its turn"));
    assert!(OUTBOX.text(&data, &["show", &queued]).contains("others go before it"));
    OUTBOX.text(&data, &["drop", &queued]);
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.ends_with("Done.\n") && !said.contains("behind"), "{}", &said[said.len() - 30..]);
}

#[test]
fn what_becomes_of_late_messages_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), SENDS), folder.path().join("data"));
    for wrong in ["webchat=later", "telegram=drop", "webchat"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
        command.arg("run").arg(&shop).arg("--data").arg(&data).args(["--stale", wrong]);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && told.contains("E0963"), "{wrong}: {told}");
    }
    let talk = Talk::begin(&shop, &data, &["--no-watch", "--stale", "webchat=digest:2h"]);
    assert!(talk.end().1.success());
}
