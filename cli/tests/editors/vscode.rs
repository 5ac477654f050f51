//! The VS Code extension: what of it needs no VS Code, the whole of it in a stand-in for VS Code, and that it can be packed.

use crate::{CARAPACE, editors, runs, skipped};
use std::path::PathBuf;
use std::process::{Command, Output};

#[test]
fn the_extension_asks_and_understands() {
    let Some(folder) = extension("the VS Code extension's questions") else { return };
    npm_run(&folder, "check");
    npm_run(&folder, "build:protocol");
    let output = node(&folder, &["test/protocol.mjs", CARAPACE]);
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.lines().filter(|line| line.starts_with("ok: ")).count(), 9, "{said}");
}

#[test]
fn the_extension_runs_with_its_client_says_what_it_lacks_and_is_packed() {
    let Some(folder) = extension("the VS Code extension's package") else { return };
    npm_run(&folder, "build");
    let output = node(&folder, &["test/activation.mjs"]);
    assert!(output.status.success(), "{}", text(&output));
    let output = node(&folder, &["test/client.mjs", CARAPACE]);
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.lines().filter(|line| line.starts_with("ok: ")).count(), 9, "{said}");
    npm_run(&folder, "package");
    let packed = std::fs::metadata(folder.join("out/carapace.vsix")).unwrap().len();
    assert!((50_000..1_000_000).contains(&packed), "{packed} bytes");
}

/// The extension's folder, where Node and the packages it is built with are there.
fn extension(test: &str) -> Option<PathBuf> {
    let folder = editors().join("vscode");
    if !node_is_new_enough() || !runs("npm", "--version") {
        skipped(test, "node 20 or npm");
        return None;
    }
    if !folder.join("node_modules/esbuild").is_dir() {
        skipped(test, "what `npm ci` puts into lsp/editors/vscode");
        return None;
    }
    Some(folder)
}

/// What packs the extension wants Node 20; Debian 12 has 18.
fn node_is_new_enough() -> bool {
    let said = Command::new("node").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&said).trim_start_matches('v').to_owned();
    said.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major >= 20)
}

fn npm_run(folder: &PathBuf, script: &str) {
    let output = Command::new("npm").args(["run", "--silent", script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "npm run {script}: {}", text(&output));
}

fn node(folder: &PathBuf, args: &[&str]) -> Output {
    Command::new("node").args(args).current_dir(folder).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
