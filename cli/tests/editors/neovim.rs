//! Neovim, without a screen.

use crate::{CARAPACE, editors, peers, runs, skipped};
use std::path::{Path, PathBuf};
use std::process::Command;

const FLOW: &str = include_str!("package.flow");

#[test]
fn neovim_shows_mends_explains_and_runs() {
    let Some(neovim) = neovim() else { return skipped("Neovim at a flow", "Neovim 0.11") };
    let home = tempfile::tempdir().unwrap();
    let package = home.path().join("package");
    std::fs::create_dir(&package).unwrap();
    std::fs::write(package.join("main.flow"), FLOW).unwrap();
    let init = home.path().join("init.lua");
    // What docs/editors.md has a person write.
    let plugin = editors().join("neovim");
    std::fs::write(&init, format!("vim.opt.rtp:append({plugin:?})\nvim.lsp.enable(\"carapace\")\n")).unwrap();
    let report = home.path().join("report");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/editors/neovim.lua");
    let mut command = Command::new(neovim);
    command.arg("--headless").arg("-u").arg(&init).arg("main.flow");
    command.arg("-c").arg(format!("luafile {}", script.display()));
    for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
        command.env(name, home.path().join(name));
    }
    let beside = Path::new(CARAPACE).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(beside).chain(std::env::split_paths(&path))).unwrap();
    let output =
        command.env("PATH", path).env("CARAPACE_REPORT", &report).current_dir(&package).output().unwrap();
    let said = std::fs::read_to_string(&report).unwrap_or_default();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(said.ends_with("done\n") && !said.contains("failed: "), "{said}\n{complaints}");
    assert!(said.lines().filter(|line| line.starts_with("ok: ")).count() > 10, "{said}");
}

/// A Neovim that can `vim.lsp.enable`.
fn neovim() -> Option<PathBuf> {
    let named = std::env::var_os("NEOVIM").map(PathBuf::from);
    let candidates = named.into_iter().chain([peers().join("python/bin/nvim"), PathBuf::from("nvim")]);
    let new_enough = |program: &PathBuf| {
        let asked = ["--clean", "--headless", "-c", "if has('nvim-0.11') | qall! | else | cquit | endif"];
        let answer = Command::new(program).args(asked).output();
        runs(program, "--version") && answer.is_ok_and(|output| output.status.success())
    };
    candidates.into_iter().find(new_enough)
}
