//! `carapace import`: another program's flows as flows.

use crate::args::{Foreign, Format, Import};
use crate::exit::Exit;
use crate::output::{self, plural};
use crate::problem::Problem;
use carapace_driver::{Checked, MemoryFiles};
use carapace_import::{Form, Imported, import};
use std::path::Path;

pub(crate) fn run(options: &Import) -> Result<Exit, Problem> {
    let Foreign::CarapaceJson = options.from;
    let file = &options.file;
    let text = std::fs::read_to_string(file).map_err(|e| Problem::unreadable(file, &e))?;
    let imported = import(&text, form(file, &text), &kinds()).map_err(|e| {
        Problem::new("E0938", format!("`{}` cannot be taken over: {e}", file.display()))
            .help("it is the file that the first carapace kept its flows in: `{version: 1, flows: […]}`")
    })?;
    let name = match &options.output {
        Some(path) => {
            if path.exists() && !options.force {
                return Err(Problem::new("E0909", format!("`{}` is there already", path.display()))
                    .help("`--force` writes over it"));
            }
            std::fs::write(path, &imported.source).map_err(|e| Problem::unwritable(path, &e))?;
            path.display().to_string()
        }
        None => {
            output::print(&imported.source);
            "main.flow".to_owned()
        }
    };
    Ok(tell(&imported, &name))
}

/// JSON is what begins as JSON does; everything else is YAML.
fn form(file: &Path, text: &str) -> Form {
    let yaml =
        file.extension().is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"));
    if !yaml && text.trim_start().starts_with(['{', '[']) { Form::Json } else { Form::Yaml }
}

/// The kinds of channels that the library declares: a file for each.
fn kinds() -> Vec<&'static str> {
    let modules = carapace_stdlib::MODULES.iter();
    modules.filter_map(|module| module.file.strip_prefix("kinds/")?.strip_suffix(".flow")).collect()
}

/// Says what a person should know, and what the checker has to say about it.
fn tell(imported: &Imported, name: &str) -> Exit {
    for note in &imported.notes {
        output::note(&format!("{}: {}", note.flow, note.text));
    }
    let root = Path::new(name).file_name().map_or_else(|| name.into(), |name| name.to_string_lossy());
    let checked = Checked::of(&MemoryFiles::new([(&*root, imported.source.as_str())]), &root);
    output::diagnostics(&checked.diagnostics, &checked.sources.map(""), Format::Human);
    output::note(&format!(
        "{} taken over, {}; {}",
        plural(imported.flows, "flow"),
        plural(imported.notes.len(), "note"),
        output::count(&checked.diagnostics)
    ));
    output::exit(&checked.diagnostics)
}
