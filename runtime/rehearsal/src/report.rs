//! What came of tests, as data. Renderers make text, JUnit and JSON of it.

use crate::transcript::Entry;
use carapace_diagnostic::{FileId, Span};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// What came of a module's tests.
#[derive(Debug, Clone, PartialEq)]
pub struct SuiteReport {
    /// One for each test, in the order of the source.
    pub tests: Vec<TestReport>,
    /// Branches that no test took; none where nobody asked.
    pub coverage: Option<crate::Coverage>,
}

/// What came of one test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestReport {
    /// The module it stands in.
    pub module: Arc<str>,
    /// The file it stands in, where the module says.
    pub file: Option<FileId>,
    /// Its title.
    pub title: Arc<str>,
    /// How long it took, in real time.
    pub took: Duration,
    /// How often it was run: more than once where it crashes after each await.
    pub rounds: u32,
    /// Why it did not pass.
    pub failure: Option<Box<TestFailure>>,
}

/// Why a test did not pass.
#[derive(Debug, Clone, PartialEq)]
pub struct TestFailure {
    /// What kind of failure.
    pub kind: FailureClass,
    /// One line: lower case, no full stop.
    pub message: String,
    /// The test's statement, where it is known.
    pub span: Option<Span>,
    /// The statement as written, where it is an expectation.
    pub source: Option<Arc<str>>,
    /// What was expected and what there was instead, to be shown beside each other.
    pub difference: Option<Difference>,
    /// The way out: for a missing answer, a line to paste.
    pub help: Option<String>,
    /// Whether it happened only after a crash at this await, counted from 1.
    pub after_crash: Option<u32>,
    /// Everything that happened up to there.
    pub transcript: Vec<Entry>,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// What was expected did not happen, or what was not expected did.
    Expectation,
    /// A flow called something that leaves the machine, and the test gives no answer.
    MissingGiven,
    /// The test asks for something that makes no sense: an answer where nobody asks.
    Impossible,
    /// The test's own code broke a rule: overflow, fuel.
    Fault,
    /// The engine could not be rebuilt from its journal, or not to the same state.
    Recovery,
}

/// Two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What was expected.
    pub expected: String,
    /// What came closest.
    pub found: String,
}

impl TestReport {
    /// Whether it passed.
    pub fn passed(&self) -> bool {
        self.failure.is_none()
    }
}

impl SuiteReport {
    /// How many passed.
    pub fn passed(&self) -> usize {
        self.tests.iter().filter(|test| test.passed()).count()
    }

    /// How many did not.
    pub fn failed(&self) -> usize {
        self.tests.len() - self.passed()
    }
}
