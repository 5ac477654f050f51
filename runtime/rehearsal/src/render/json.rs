//! JSON.

use crate::report::SuiteReport;
use serde_json::{Value, json};

/// The report as one JSON object: `{"passed": 3, "failed": 1, "tests": [ … ], "coverage": …}`.
pub fn json(report: &SuiteReport) -> Value {
    json!({
        "passed": report.passed(),
        "failed": report.failed(),
        "tests": report.tests,
        "coverage": report.coverage,
    })
}
