//! The built binary, as a person far away uses it.

use crate::talk::Talk;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command, with a home of its own.
pub(crate) fn command(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carapace"));
    command.args(args).current_dir(home).stdin(Stdio::null());
    command.env("XDG_CONFIG_HOME", home.join("config")).env_remove("CARAPACE_TOKEN").env_remove("HTTP_PROXY");
    command
}

/// What it prints and what it tells, where it ends so.
pub(crate) fn ends(code: i32, command: &mut Command) -> (String, String) {
    let output = command.output().unwrap();
    let (said, told) = texts(&output);
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{said}\n{told}");
    (said, told)
}

pub(crate) fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// The address of a runtime's gateway, out of what it says at its start.
pub(crate) fn address(talk: &Talk) -> String {
    let line = talk.told("chat page: ");
    line.trim_start_matches("chat page: ").trim_end_matches("/webchat/").to_owned()
}
