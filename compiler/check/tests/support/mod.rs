//! Checks a source against the library.

use carapace_check::{Checked, Origin, Source, Sources, check};
use carapace_diagnostic::{Diagnostic, FileId};
use carapace_syntax::parse;
use std::sync::Arc;

/// The library's modules, parsed, with file numbers from 0.
pub(crate) fn library() -> Vec<Source> {
    carapace_stdlib::MODULES
        .iter()
        .enumerate()
        .map(|(index, module)| {
            let file = FileId(u32::try_from(index).unwrap());
            let parsed = parse(file, module.text);
            for d in &parsed.diagnostics {
                eprintln!("{}: {} {}", module.path, d.code, d.message);
            }
            Source {
                path: Arc::from(module.path),
                name: Arc::from(module.file),
                file,
                text: Arc::from(module.text),
                tree: Arc::new(parsed.file),
                origin: if module.prelude { Origin::Prelude } else { Origin::Library },
            }
        })
        .collect()
}

/// Files that `file("…")` finds.
fn files(path: &str) -> Option<Arc<str>> {
    match path {
        "prompts/desk.md" | "prompts/concierge.md" => Some(Arc::from("Be kind.")),
        "skills/late-arrival/SKILL.md" => {
            Some(Arc::from("---\nname: late-arrival\ndescription: At night.\n---\n"))
        }
        _ => None,
    }
}

/// Checks modules (`path`, text), the first being the root; gives the syntax's diagnostics too.
pub(crate) fn check_modules(library: &[Source], modules: &[(&str, &str)]) -> (Checked, Vec<Diagnostic>) {
    let mut all = library.to_vec();
    let mut told = Vec::new();
    for (path, text) in modules {
        let file = FileId(u32::try_from(all.len()).unwrap());
        let parsed = parse(file, text);
        told.extend(parsed.diagnostics);
        all.push(Source {
            path: Arc::from(*path),
            name: Arc::from(format!("{path}.flow")),
            file,
            text: Arc::from(*text),
            tree: Arc::new(parsed.file),
            origin: Origin::Package,
        });
    }
    let root = modules.first().map_or("main", |m| m.0);
    let sources = Sources {
        package: Arc::from(""),
        root: Arc::from(root),
        modules: &all,
        files: &files,
        whole: false,
        intact: told.is_empty(),
        facts: true,
    };
    let checked = check(&sources);
    told.extend(checked.diagnostics.iter().cloned());
    (checked, told)
}
