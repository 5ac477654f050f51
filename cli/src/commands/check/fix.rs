//! `carapace check --fix`: the repairs that diagnostics carry, made and written.

use crate::disk::replace;
use crate::output;
use crate::package::Package;
use crate::problem::Problem;
use carapace_driver::{Checked, Done};
use serde_json::{Value as Json, json};
use std::path::Path;

/// A mark at the beginning of a file that says how its bytes are ordered; no text of the flow.
const MARK: &str = "\u{feff}";

/// What was repaired, over all packages.
#[derive(Default)]
pub(super) struct Fixed {
    done: Vec<Done>,
    /// How many repairs could not be brought to an end.
    left: usize,
}

impl Fixed {
    /// Says it on standard error, a line a repair.
    pub(super) fn tell(&self) {
        for done in &self.done {
            output::note(&format!("{}:{}: {}: {}", done.file, done.line, done.code, done.title));
        }
        if self.left > 0 {
            let repairs = output::plural(self.left, "repair");
            output::note(&format!("{repairs} left: one makes the other necessary; make them by hand"));
        }
    }

    /// As the document has it: `[{ "code", "file", "line", "title" }]`.
    pub(super) fn json(&self) -> Json {
        let one = |done: &Done| json!({ "code": done.code, "file": &*done.file, "line": done.line, "title": done.title });
        self.done.iter().map(one).collect()
    }
}

/// Repairs a package and writes its files; gives it as it is then.
pub(super) fn repair(package: &Package, fixed: &mut Fixed) -> Result<Checked, Problem> {
    let repaired = carapace_driver::repair(&package.files, |files| package.check_in(files));
    for (path, text) in &repaired.texts {
        let read = repaired.before.get(path).map_or("", |text| text);
        write(&package.files.root.join(&**path), read, text)?;
    }
    let named =
        |done: &Done| Done { file: format!("{}{}", package.prefix, done.file).into(), ..done.clone() };
    fixed.done.extend(repaired.done.iter().map(named));
    fixed.left = fixed.left.saturating_add(repaired.left());
    Ok(repaired.checked)
}

/// Writes a file that is still as it was read: somebody's editor may have saved it meanwhile.
fn write(path: &Path, read: &str, text: &str) -> Result<(), Problem> {
    let now = std::fs::read_to_string(path).map_err(|error| Problem::unreadable(path, &error))?;
    let mark = if now.starts_with(MARK) { MARK } else { "" };
    if now.strip_prefix(MARK).unwrap_or(&now) != read {
        let message = format!("`{}` was changed by somebody else while it was repaired", path.display());
        return Err(Problem::new("E0905", message).help("try again; nothing in it was overwritten"));
    }
    replace(path, &format!("{mark}{text}"))
}
