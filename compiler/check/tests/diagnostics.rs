//! Suites as data: each file of `tests/diagnostics` has sources, a line `----`, and what the checker says about them.
//! Modules beyond the root begin with a line `// module: path`. `BLESS=1` rewrites the expectations.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise"
)]
#![expect(clippy::disallowed_methods, reason = "the cases are files")]

mod support;

use carapace_check::{Sources, check};
use carapace_diagnostic::Diagnostic;
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::PathBuf;
use std::sync::Arc;

const BAR: &str = "\n----\n";

fn main() {
    let args = Arguments::from_args();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let library = Arc::new(support::library());
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let trials = files
        .into_iter()
        .map(|file| {
            let library = Arc::clone(&library);
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            Trial::test(name, move || run(&library, &file))
        })
        .chain(std::iter::once(Trial::test("the_library", the_library_checks)))
        .collect();
    libtest_mimic::run(&args, trials).exit();
}

fn run(library: &[carapace_check::Source], file: &PathBuf) -> Result<(), Failed> {
    let whole = std::fs::read_to_string(file)?;
    let (source, expected) = whole.split_once(BAR).unwrap_or((&whole, ""));
    let modules = split(source);
    let modules: Vec<(&str, &str)> = modules.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let (_, told) = support::check_modules(library, &modules);
    let got = render(library, &modules, &told);
    if got == expected {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, format!("{source}{BAR}{got}"))?;
        return Ok(());
    }
    Err(format!("expected:\n{expected}\ngot:\n{got}").into())
}

fn split(source: &str) -> Vec<(String, String)> {
    let mut out = vec![("main".to_owned(), String::new())];
    for line in source.lines() {
        if let Some(path) = line.strip_prefix("// module: ") {
            out.push((path.to_owned(), String::new()));
            continue;
        }
        let (_, text) = out.last_mut().unwrap();
        text.push_str(line);
        text.push('\n');
    }
    out
}

/// Every body, default and test of the library, looked at as an author's.
fn the_library_checks() -> Result<(), Failed> {
    let modules = support::library();
    let sources = Sources {
        package: Arc::from(""),
        root: Arc::from(""),
        modules: &modules,
        files: &|_| None,
        whole: true,
        intact: true,
        facts: false,
    };
    let mut all = String::new();
    for d in check(&sources).diagnostics {
        let index = d.primary.span.file.0 as usize;
        let text = carapace_stdlib::MODULES[index].text;
        let line = text[..(d.primary.span.range.start as usize).min(text.len())].matches('\n').count() + 1;
        all.push_str(&format!("{}:{line}: {} {}\n", modules[index].path, d.code, d.message));
    }
    if all.is_empty() { Ok(()) } else { Err(all.into()) }
}

/// One line a diagnostic, with its places: `E0101 3:5-3:9 there is no `x` here`, then help, labels and repair.
fn render(library: &[carapace_check::Source], modules: &[(&str, &str)], told: &[Diagnostic]) -> String {
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
