//! What tests say, as data: each file of `cases` has a package's source, a line `----`, and the report below it. Modules
//! beyond the root begin with a line `// module: path`; a first line `// options: coverage crash small` turns
//! these on (`small`: little may happen).
//! `BLESS=1` rewrites the reports: look at what changed.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use carapace_diagnostic::render::{Human, human};
use carapace_driver::{Checked, MemoryFiles};
use carapace_engine::machine::vm;
use carapace_rehearsal::{Bounds, Loaded, Options, render};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};

const BAR: &str = "\n----\n";

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rehearsed/cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let trials = files.into_iter().map(|file| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        Trial::test(name, move || case(&file))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn case(file: &Path) -> Result<(), Failed> {
    let whole = std::fs::read_to_string(file)?;
    let (source, expected) = whole.split_once(BAR).unwrap_or((&whole, ""));
    let got = report(source);
    if got == expected {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file, format!("{source}{BAR}{got}"))?;
        return Ok(());
    }
    Err(format!("expected:\n{expected}\ngot:\n{got}").into())
}

/// The report of a package's tests, or why they could not be run.
fn report(source: &str) -> String {
    let modules = split(source);
    let files = MemoryFiles::new(modules.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let checked = Checked::of(&files, "main.flow");
    let map = checked.sources.map("");
    if checked.has_errors() {
        return human(&checked.diagnostics, &map, Human::default());
    }
    let Ok(compiled) = checked.compile() else { return "it does not fit into a module\n".to_owned() };
    match Loaded::new(compiled.module.to_bytes(), vm::load) {
        Err(error) => format!("{error}\n"),
        Ok(loaded) => {
            let report = carapace_rehearsal::run(&loaded, &options(source));
            let plain = render::Paint::default();
            let mut out = render::tests(&report, &map, plain);
            out.push_str(&render::failures(&report, &map, plain));
            if let Some(coverage) = &report.coverage {
                out.push_str(&render::coverage(coverage, &map, plain));
            }
            out
        }
    }
}

fn options(source: &str) -> Options {
    let words = source.lines().next().and_then(|line| line.strip_prefix("// options:")).unwrap_or_default();
    let has = |word| words.split_whitespace().any(|other| other == word);
    let bounds = match has("small") {
        true => Bounds { statements: 100, at_once: 500, steps: 1_000 },
        false => Bounds::default(),
    };
    Options { bounds, filter: None, crash_after_each_await: has("crash"), coverage: has("coverage") }
}

fn split(source: &str) -> Vec<(String, String)> {
    let mut out = vec![("main.flow".to_owned(), String::new())];
    for line in source.lines() {
        if let Some(path) = line.strip_prefix("// module: ") {
            out.push((format!("{path}.flow"), String::new()));
            continue;
        }
        let (_, text) = out.last_mut().unwrap();
        text.push_str(line);
        text.push('\n');
    }
    out
}
