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
    (path == "prompts/desk.md").then(|| Arc::from("Be kind."))
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

/// One line a diagnostic, with its places: `E0101 3:5-3:9 there is no `x` here`, then help, labels and repair.
pub(crate) fn render(library: &[Source], modules: &[(&str, &str)], told: &[Diagnostic]) -> String {
    let mut out = String::new();
    let place = |span: carapace_diagnostic::Span| {
        let index = span.file.0 as usize;
        let (name, text) = match index.checked_sub(library.len()) {
            Some(own) => modules.get(own).map(|m| (m.0, m.1)).unwrap_or(("?", "")),
            None => (carapace_stdlib::MODULES[index].path, carapace_stdlib::MODULES[index].text),
        };
        let (start, end) = (span.range.start as usize, span.range.end as usize);
        let line = text[..start.min(text.len())].matches('\n').count() + 1;
        let quoted = text.get(start..end).unwrap_or("?").split('\n').next().unwrap_or("");
        let quoted: String = quoted.chars().take(60).collect();
        if index < library.len() {
            name.to_owned()
        } else if name == "main" {
            format!("{line}: `{quoted}`")
        } else {
            format!("{name}:{line}: `{quoted}`")
        }
    };
    for d in told {
        out.push_str(&format!("{} {}\n  {}\n", d.code, place(d.primary.span), d.message));
        if !d.primary.text.is_empty() {
            out.push_str(&format!("  here: {}\n", d.primary.text));
        }
        for label in &d.secondary {
            out.push_str(&format!("  also {} {}\n", place(label.span), label.text));
        }
        if let Some(help) = &d.help {
            out.push_str(&format!("  help: {help}\n"));
        }
        if let Some(fix) = &d.fix {
            out.push_str(&format!("  fix: {}\n", fix.title));
        }
    }
    out
}
