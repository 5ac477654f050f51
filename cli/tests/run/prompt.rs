//! At a terminal: a person, a prompt, and Ctrl-D.

use crate::talk::package;
use expectrl::{ControlCode, Eof, Expect as _, Session};
use std::process::Command;
use std::time::Duration;

#[test]
fn a_person_talks_at_the_prompt_and_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let source = r#"channel chat: any
room ops: any

flow hello on chat.message where message.text == "hello" {
  let mood = ask("How are you?", choices: ["fine", "so so"])
  send("{sender.name} is {mood}", to: ops)
}
"#;
    let shop = package(folder.path(), source);
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.arg("run").arg(shop).arg("--data").arg(folder.path().join("data"));
    command.args(["--listen", "127.0.0.1:0", "--no-watch"]).env("TERM", "xterm").env("NO_COLOR", "1");
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(60)));
    session.expect("you> ").unwrap();
    session.send_line("@ana: hello").unwrap();
    session.expect("[@ana] How are you?").unwrap();
    session.expect("2) so so").unwrap();
    session.send_line("@ana: 2").unwrap();
    session.expect("[#ops] ana is so so").unwrap();
    session.send(ControlCode::EndOfTransmission).unwrap();
    session.expect(Eof).unwrap();
}

/// Typed while the answer was still on its way, a Ctrl-D ends the talk all the same.
#[test]
fn what_is_typed_ahead_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let shop = package(
        folder.path(),
        "channel chat: any\n\nflow echo on chat.message {\n  reply(\"did you say {message.text}?\")\n}\n",
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.arg("run").arg(shop).arg("--data").arg(folder.path().join("data"));
    command.args(["--listen", "127.0.0.1:0", "--no-watch"]).env("TERM", "xterm").env("NO_COLOR", "1");
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(60)));
    session.expect("you> ").unwrap();
    session.send("one\rtwo\r\rthree\r").unwrap();
    session.send(ControlCode::EndOfTransmission).unwrap();
    session.expect("did you say three?").unwrap();
    session.expect(Eof).unwrap();
}
