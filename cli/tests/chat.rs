//! `carapace chat`, as a person at a terminal and as a script in a pipe.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

#[expect(dead_code, reason = "other tests hear more of a runtime")]
mod talk;

use expectrl::{Eof, Expect as _, Session};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use talk::{Talk, package};

const ASKS: &str = r#"channel chat: any

state visits: Int = 0 by sender

flow greet on chat.message where message.text == "hello" {
  set visits = visits + 1
  let tea = ask("Tea or coffee?", choices: ["tea", "coffee"])
  let name = ask("For whom?")
  reply("{tea} for {name}, number {visits}.")
}
"#;

const WHOLE: &str = "Tea or coffee?\n  1) tea\n  2) coffee\nFor whom?\ncoffee for Ana, number 1.\n";

fn serve(folder: &Path, listen: &str) -> (Talk, String) {
    let talk = Talk::serve(&package(folder, ASKS), &folder.join("data"), listen);
    let address = talk.told("chat page: ").split('/').nth(2).unwrap().to_owned();
    (talk, address)
}

fn chat(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.arg("chat").args(args).current_dir(folder).env("XDG_CONFIG_HOME", folder.join("config"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut child = chat(folder, args).spawn().unwrap();
    // It may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_script_is_answered_line_by_line_here_and_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let (_talk, address) = serve(home, "127.0.0.1:0");
    let url = format!("http://{address}");
    let places: [&[&str]; 3] = [
        &["--data", "data", "--wait", "60s"],
        &["--to", &url, "--wait", "60s"],
        &["webchat", "--data", "data", "--wait", "1m"],
    ];
    for place in places {
        let output = said(home, place, "hello\n\n2\nAna\n");
        assert_eq!(
            (output.status.code(), text(&output.stdout)),
            (Some(0), WHOLE.to_owned()),
            "{}",
            text(&output.stderr)
        );
    }
    let output = said(home, &["--data", "data", "--wait", "1s"], "nobody answers this\n");
    let told = text(&output.stderr);
    assert!(output.status.code() == Some(1) && told.contains("nothing was answered within 1 s"), "{told}");
    let output = said(home, &["--data", "data", "--name", "Bo"], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for (args, code) in [
        (&["support", "--data", "data"][..], "E1111"),
        (&["terminal", "--data", "data"], "E1111"),
        (&["--to", &url, "support"], "E1111"),
        (&["--data", "nowhere"], "E0941"),
        (&["--to", "http://127.0.0.1:9"], "E1042"),
        (&["--data", "data", "--wait", "soon"], "E0966"),
    ] {
        let output = said(home, args, "hello\n");
        let told = text(&output.stderr);
        assert!(output.status.code() == Some(2) && told.contains(code), "{args:?}: {told}");
    }
}

#[test]
fn what_was_said_is_answered_once_though_the_power_goes_in_between() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let (talk, address) = serve(home, "127.0.0.1:0");
    let mut child = chat(home, &["--to", &format!("http://{address}"), "--wait", "60s"]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut hear = || lines.next().expect("it says something").unwrap();
    writeln!(input, "hello").unwrap();
    assert_eq!([hear(), hear(), hear()].join("\n"), "Tea or coffee?\n  1) tea\n  2) coffee");
    talk.kill();
    writeln!(input, "2").unwrap();
    let (talk, _) = serve(home, &address);
    assert_eq!(hear(), "For whom?");
    talk.kill();
    let (_talk, _) = serve(home, &address);
    writeln!(input, "Ana").unwrap();
    assert_eq!(hear(), "coffee for Ana, number 1.");
    drop(input);
    assert!(lines.next().is_none(), "nothing comes twice");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_person_talks_at_a_prompt() {
    let folder = tempfile::tempdir().unwrap();
    let (_talk, address) = serve(folder.path(), "127.0.0.1:0");
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.args(["chat", "--to", &format!("http://{address}")]).current_dir(folder.path());
    command.env("XDG_CONFIG_HOME", folder.path()).env("TERM", "xterm").env("NO_COLOR", "1");
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(60)));
    session.expect("you talk to shop").unwrap();
    session.send_line("hello").unwrap();
    session.expect("shop: Tea or coffee?").unwrap();
    session.expect("2) coffee").unwrap();
    session.send_line("1").unwrap();
    session.expect("For whom?").unwrap();
    session.send_line("Bo").unwrap();
    let seen = session.expect("tea for Bo, number 1.").unwrap();
    assert!(!text(seen.before()).contains("\u{1b}[1m"), "no colours: {:?}", text(seen.before()));
    session.send_line("/quit").unwrap();
    session.expect(Eof).unwrap();
}

#[test]
fn at_this_machine_a_page_is_found_by_its_account_without_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let shop = package(home, ASKS);
    let config = home.join("carapace.json5");
    let accounts = "{ version: 1, accounts: { web: { kind: 'webchat', path: '/chat' } } }";
    std::fs::write(&config, accounts).unwrap();
    let more = ["--config", config.to_str().unwrap(), "--no-terminal", "--no-watch", "--no-loop-check"];
    let talk = Talk::launch(Some(&shop), &home.join("data"), "127.0.0.1:0", &more);
    let address = talk.told("chat page: ").split('/').nth(2).unwrap().to_owned();
    let url = format!("http://{address}");
    for account in [&["web"][..], &[]] {
        let output = said(home, &[account, &["--to", &url, "--wait", "60s"]].concat(), "hello\n\n2\nAna\n");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    // Without its scheme it is taken for one that speaks TLS.
    let output = said(home, &["web", "--to", &address], "hello\n");
    let told = text(&output.stderr);
    assert!(output.status.code() == Some(2) && told.contains(&format!("write `http://{address}`")), "{told}");
    talk.kill();
}
