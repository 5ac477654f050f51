//! The browser that tests drive, and its driver: Chromium and playwright-core. Where one is missing, whoever runs the tests
//! is told what was skipped. Shared by the tests of the page and those of the whole binary.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A browser, and what drives it.
pub(crate) struct Peers {
    chromium: PathBuf,
    node: PathBuf,
    packages: PathBuf,
}

impl Peers {
    /// Finds them; says what is missing, and that `test` was skipped.
    pub(crate) fn find(test: &str) -> Option<Peers> {
        let missing = |what: &str| {
            // Not captured: whoever runs the tests shall see it, on a line of its own.
            let _ = writeln!(std::io::stdout(), "\nskipped: {test} ({what} is missing)");
        };
        let named = std::env::var_os("CARAPACE_PEERS").map(PathBuf::from);
        let packages = named.unwrap_or_else(|| root().join("target/peers"));
        if !packages.join("node_modules/playwright-core").is_dir() {
            missing("playwright-core");
            return None;
        }
        let Some(chromium) = program("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]) else {
            missing("chromium");
            return None;
        };
        let Some(node) = program("NODE", &["node"]) else {
            missing("node");
            return None;
        };
        Some(Peers { chromium, node, packages: packages.canonicalize().unwrap() })
    }

    /// Runs a scenario (`talk`, or the path of one) against the page at `url`; `obey` does what it wants of the server.
    pub(crate) fn drive(&self, scenario: &str, url: &str, mut obey: impl FnMut(&str)) {
        let driver = root().join("runtime/channels/webchat/tests/browser/drive.mjs");
        let mut child = Command::new(&self.node)
            .args([driver.as_os_str(), scenario.as_ref(), url.as_ref()])
            .env("CHROMIUM", &self.chromium)
            .env("CARAPACE_PEERS", &self.packages)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = Vec::new();
        let mut answers = child.stdin.take().unwrap();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            match line.strip_prefix("want: ") {
                Some(word) => {
                    obey(word);
                    answers.write_all(b"done\n").unwrap();
                }
                None => said.push(line),
            }
        }
        let ended = child.wait_with_output().unwrap();
        let complaints = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{scenario}: {complaints}\n{}", said.join("\n"));
    }
}

/// The repository's root.
fn root() -> PathBuf {
    let mut folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    while !folder.join("Cargo.lock").is_file() {
        folder = folder.parent().unwrap();
    }
    folder.to_owned()
}

fn program(variable: &str, names: &[&str]) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        || std::env::split_paths(&path).flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    named.or_else(|| found().find(|file| file.is_file()))
}
