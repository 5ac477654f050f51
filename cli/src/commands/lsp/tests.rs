//! Tests, run from the editor.

use carapace_driver::{Checked, Files, Sources};
use carapace_lsp::{PackageRoot, TestOutcome, TestPlace, Tests};
use carapace_rehearsal::{Loaded, Options};

/// Runs them in the simulated world, as `carapace test` does.
pub(super) struct Rehearsal;

impl Tests for Rehearsal {
    fn run(
        &self,
        files: &dyn Files,
        root: &PackageRoot,
        only: Option<(&str, &str)>,
    ) -> Result<Vec<TestOutcome>, String> {
        let checked = match root.library {
            true => Checked::library(files),
            false => Sources::load(files, &root.root).parse().check(files, false),
        };
        let names: Vec<_> =
            checked.library_files().chain(checked.sources.files.iter().map(|f| f.id)).collect();
        let names: Vec<(_, String)> =
            names.into_iter().filter_map(|id| Some((id, checked.module(id)?.name.to_string()))).collect();
        let compiled = checked.compile().map_err(|checked| {
            let first = checked.diagnostics.iter().find(|d| d.is_error());
            let first = first.map(|d| format!(": {} ({})", d.message, d.code)).unwrap_or_default();
            format!("the package does not compile{first}")
        })?;
        let loaded = Loaded::new(compiled.module.to_bytes(), carapace_engine::machine::vm::load)
            .map_err(|e| e.to_string())?;
        let name_of = |file| names.iter().find(|(id, _)| *id == file).map(|(_, name)| name.clone());
        let options = Options { filter: only.map(|(_, title)| title.to_owned()), ..Options::default() };
        let mut outcomes = Vec::new();
        for report in carapace_rehearsal::run(&loaded, &options).tests {
            let file = report.file.and_then(name_of).unwrap_or_default();
            if only.is_some_and(|(wanted, title)| wanted != file || title != &*report.title) {
                continue;
            }
            let failure = report.failure.map(|failure| {
                let span = failure.span;
                let place = TestPlace {
                    file: span.and_then(|s| name_of(s.file)).unwrap_or_else(|| file.clone()),
                    range: span.map_or((0, 0), |s| (s.range.start, s.range.end)),
                };
                (place, words(&failure))
            });
            outcomes.push(TestOutcome {
                title: report.title.to_string(),
                file,
                milliseconds: u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
                failure,
            });
        }
        match (outcomes.is_empty(), only) {
            (true, Some((file, title))) => Err(format!("there is no test \"{title}\" in `{file}`")),
            _ => Ok(outcomes),
        }
    }
}

fn words(failure: &carapace_rehearsal::TestFailure) -> String {
    let mut words = failure.message.clone();
    if let Some(difference) = &failure.difference {
        words.push_str(&format!("\nexpected: {}\nfound:    {}", difference.expected, difference.found));
    }
    if let Some(help) = &failure.help {
        words.push_str(&format!("\nhelp: {help}"));
    }
    if let Some(crash) = failure.after_crash {
        words.push_str(&format!("\nafter a crash at its wait {crash}"));
    }
    words
}
