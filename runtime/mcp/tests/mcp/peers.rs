//! Programs that nobody here wrote, where they are installed.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The folder in which npm and pip have put them.
fn peers() -> PathBuf {
    let named = std::env::var_os("CARAPACE_PEERS").map(PathBuf::from);
    named.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers")))
}

/// The official example server: what starts it. None, and said so, where it is not installed.
pub(crate) fn everything(test: &str) -> Option<(String, String)> {
    let script = peers().join("node_modules/@modelcontextprotocol/server-everything/dist/index.js");
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    if !script.exists() || node.is_err() {
        println!("skipped: {test} (no server-everything in {}, or no node)", peers().display());
        return None;
    }
    Some(("node".to_owned(), script.canonicalize().unwrap().to_str().unwrap().to_owned()))
}

/// A program that ends with the test.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Running {
        Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
