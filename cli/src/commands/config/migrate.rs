//! `carapace config migrate`.

use crate::args::{ConfigMigrate, Format};
use crate::config::load;
use crate::disk::replace;
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;
use carapace_config::VERSION;
use std::path::{Path, PathBuf};

pub(crate) fn run(options: &ConfigMigrate) -> Result<Exit, Problem> {
    let path = options.at.path();
    let shown = path.display();
    // Whether the rest of it is right is for `check` to say; here it has to be read.
    let loaded = load(path)?;
    let text = std::fs::read_to_string(path).map_err(|e| Problem::unreadable(path, &e))?;
    let Some(migrated) = carapace_config::migrate(&text) else {
        if loaded.is_broken() {
            output::diagnostics(&loaded.diagnostics, &loaded.sources, Format::Human);
            output::note("nothing was written: mend that first");
            return Ok(Exit::Findings);
        }
        output::note(&format!("{shown} is of version {VERSION} already, the newest"));
        return Ok(Exit::Fine);
    };
    if options.dry_run {
        output::print(&migrated.text);
        return Ok(Exit::Fine);
    }
    let backup = keep(path, &text, migrated.from)?;
    replace(path, &migrated.text)?;
    output::note(&format!("{shown} is of version {VERSION} now; what it was is in {}", backup.display()));
    Ok(Exit::Fine)
}

/// Writes what the file was beside it, under a name that nothing has.
fn keep(path: &Path, text: &str, version: u32) -> Result<PathBuf, Problem> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut backup = path.with_file_name(format!("{name}.version-{version}"));
    let mut number = 2_u32;
    while backup.exists() {
        backup = path.with_file_name(format!("{name}.version-{version}.{number}"));
        number = number.saturating_add(1);
    }
    // A copy keeps who may read it.
    std::fs::copy(path, &backup).map_err(|e| Problem::unwritable(&backup, &e))?;
    let kept = std::fs::read_to_string(&backup).map_err(|e| Problem::unreadable(&backup, &e))?;
    if kept != text {
        let changed = std::io::Error::other("the file is being written by somebody else");
        return Err(Problem::unreadable(path, &changed));
    }
    Ok(backup)
}
