//! JSON.

use super::file_of;
use crate::report::{SuiteReport, TestFailure, TestReport};
use carapace_diagnostic::render::place;
use carapace_diagnostic::{SourceMap, Span};
use serde_json::{Map, Value, json};

/// What came of a package's tests, as one JSON object.
///
/// ```text
/// { "passed": 1, "failed": 1,
///   "tests": [
///     { "file": "main.flow", "title": "…", "passed": false, "seconds": 0.001, "rounds": 1,
///       "failure": { "kind": "expectation", "message": "…", "file": "…", "range": RANGE, "source": "…",
///         "difference": { "expected": "…", "found": "…" }, "help": "…", "after_crash": 2,
///         "transcript": [ { "after": 0, "what": "output", … } ] } } ],
///   "coverage": { "branches": 5, "taken": 4,
///     "missed": [ { "owner": "main.hello", "why": "not_reached", "file": "…", "range": RANGE } ] } }
/// ```
///
/// `RANGE` is as in [`carapace_diagnostic::render::json`]. A member that says nothing is left out: `failure` of a test
/// that passed, `coverage` where nobody asked for it, `after_crash` where it failed without a crash.
pub fn json(report: &SuiteReport, sources: &SourceMap) -> Value {
    let mut object = Map::new();
    object.insert("passed".to_owned(), report.passed().into());
    object.insert("failed".to_owned(), report.failed().into());
    let tests: Vec<Value> = report.tests.iter().map(|report| test(report, sources)).collect();
    object.insert("tests".to_owned(), tests.into());
    if let Some(coverage) = &report.coverage {
        let missed = coverage.missed.iter().map(|missed| {
            let (file, range) = place(missed.span, sources);
            json!({ "owner": missed.owner, "why": missed.why, "file": file, "range": range })
        });
        let coverage = json!({
            "branches": coverage.branches,
            "taken": coverage.taken,
            "missed": missed.collect::<Vec<_>>(),
        });
        object.insert("coverage".to_owned(), coverage);
    }
    Value::Object(object)
}

fn test(report: &TestReport, sources: &SourceMap) -> Value {
    let mut object = json!({
        "file": file_of(report, sources),
        "title": report.title,
        "passed": report.passed(),
        "seconds": report.took.as_secs_f64(),
        "rounds": report.rounds,
    });
    if let (Some(failed), Some(object)) = (&report.failure, object.as_object_mut()) {
        object.insert("failure".to_owned(), failure(failed, sources));
    }
    object
}

fn failure(failed: &TestFailure, sources: &SourceMap) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    };
    let (file, range) = failed.span.map(|span: Span| place(span, sources)).unzip();
    put("kind", Some(json!(failed.kind)));
    put("message", Some(json!(failed.message)));
    put("file", file.map(Value::from));
    put("range", range);
    put("source", failed.source.as_ref().map(|source| json!(source)));
    let sides = |sides: &crate::Difference| json!({ "expected": sides.expected, "found": sides.found });
    put("difference", failed.difference.as_ref().map(sides));
    put("help", failed.help.as_ref().map(|help| json!(help)));
    put("after_crash", failed.after_crash.map(Value::from));
    put("transcript", Some(json!(failed.transcript)));
    Value::Object(object)
}
