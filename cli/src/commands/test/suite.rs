//! One package, tested.

use crate::package::Package;
use carapace_diagnostic::{Diagnostic, SourceMap};
use carapace_rehearsal::{Loaded, Options, SuiteReport};

/// What came of a package's tests.
pub(crate) struct Suite {
    /// The package's root file as the user would write it.
    pub(crate) name: String,
    /// Its files, for messages.
    pub(crate) sources: SourceMap,
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
        Suite { name: package.name(), sources, came }
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
