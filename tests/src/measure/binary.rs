//! The built binary, for what has to be measured as a whole process.

use std::path::PathBuf;
use std::process::Command;

/// The binary in its released form, built now where it is not up to date.
pub fn released_binary() -> Option<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built =
        Command::new(cargo).args(["build", "--quiet", "--release", "-p", "carapace-cli"]).status().ok()?;
    // This is `target/release/deps/process-…`.
    let here = std::env::current_exe().ok()?;
    let binary = here.parent()?.parent()?.join("carapace");
    (built.success() && binary.is_file()).then_some(binary)
}
