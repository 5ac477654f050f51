//! One package, tested.

use crate::package::Package;
use carapace_diagnostic::{Diagnostic, SourceMap, Span};
use carapace_rehearsal::render::Sources;
use carapace_rehearsal::{Loaded, Options, SuiteReport};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What came of a package's tests.
pub(crate) struct Suite {
    /// The package's root file as the user would write it.
    pub(crate) name: String,
    /// Its files, for messages.
    pub(crate) sources: SourceMap,
    /// The files of its modules with tests.
    files: BTreeMap<Arc<str>, String>,
    /// What came of it.
    pub(crate) came: Came,
}

/// How far it came.
pub(crate) enum Came {
    /// It does not check.
    Mistaken(Vec<Diagnostic>),
    /// It checks, and the machine does not take it: a mistake of ours, not the author's.
    Unfit(String),
    /// Its tests ran.
    Ran {
        /// Remarks of the checker.
        warnings: Vec<Diagnostic>,
        /// What came of each test.
        report: SuiteReport,
    },
}

impl Suite {
    /// Checks, compiles and tests a package.
    pub(crate) fn of(package: &Package, options: &Options) -> Suite {
        let checked = package.check();
        let sources = checked.sources.map(&package.prefix);
        let modules = checked.program.tests.iter().map(|test| Arc::clone(&test.module));
        let files = modules.map(|m| (Arc::clone(&m), checked.sources.file_of(&m, &package.prefix))).collect();
        let came = match checked.compile() {
            Err(checked) => Came::Mistaken(checked.diagnostics),
            Ok(compiled) => {
                match Loaded::new(compiled.module.to_bytes(), carapace_engine::machine::vm::load) {
                    Err(error) => Came::Unfit(error.to_string()),
                    Ok(loaded) => Came::Ran {
                        warnings: compiled.diagnostics,
                        report: carapace_rehearsal::run(&loaded, options),
                    },
                }
            }
        };
        Suite { name: package.name(), sources, files, came }
    }

    /// What the checker says.
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        match &self.came {
            Came::Mistaken(list) | Came::Ran { warnings: list, .. } => list,
            Came::Unfit(_) => &[],
        }
    }

    /// Whether there is something to mend.
    pub(crate) fn failed(&self) -> bool {
        match &self.came {
            Came::Mistaken(_) | Came::Unfit(_) => true,
            Came::Ran { report, .. } => report.failed() > 0,
        }
    }

    /// How many tests ran.
    pub(crate) fn tests(&self) -> usize {
        if let Came::Ran { report, .. } = &self.came { report.tests.len() } else { 0 }
    }

    /// How many of them passed.
    pub(crate) fn passed(&self) -> usize {
        if let Came::Ran { report, .. } = &self.came { report.passed() } else { 0 }
    }

    /// Seconds that the tests took.
    pub(crate) fn took(&self) -> f64 {
        let Came::Ran { report, .. } = &self.came else { return 0.0 };
        report.tests.iter().map(|test| test.took.as_secs_f64()).sum()
    }
}

impl Sources for Suite {
    fn place(&self, span: Span) -> Option<(String, u32, u32, String)> {
        let file = self.sources.get(span.file)?;
        let position = file.position(span.range.start);
        let line = usize::try_from(position.line).ok()?.checked_sub(1)?;
        let text = file.text().lines().nth(line).unwrap_or_default().to_owned();
        Some((file.name().to_owned(), position.line, position.column, text))
    }

    fn module(&self, module: &str) -> String {
        self.files.get(module).cloned().unwrap_or_else(|| module.to_owned())
    }
}
