//! Editors that people use, with the built binary behind them: Neovim, and the half of the VS Code extension that talks to the
//! server. Where one is missing, whoever runs the tests is told what was skipped.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[cfg(target_os = "linux")]
mod growth;
mod neovim;
#[cfg(target_os = "linux")]
#[path = "../server/mod.rs"]
mod server;
mod vscode;

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const CARAPACE: &str = env!("CARGO_BIN_EXE_carapace");

/// The folder of what editors install.
fn editors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../lsp/editors").canonicalize().unwrap()
}

/// Says that `test` did not run. Not captured: whoever runs the tests shall see it, on a line of its own.
fn skipped(test: &str, missing: &str) {
    let _ = writeln!(std::io::stdout(), "\nskipped: {test} ({missing} is missing)");
}

/// Whether a program answers.
fn runs(program: impl AsRef<OsStr>, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}

/// Where packages of other registries were put.
fn peers() -> PathBuf {
    let named = std::env::var_os("CARAPACE_PEERS").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers"))
}
