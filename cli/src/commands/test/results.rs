//! The results of several packages: for people, as JSON, as JUnit.

use super::suite::{Came, Suite};
use crate::output;
use carapace_diagnostic::render;
use carapace_rehearsal::render as rehearsed;
use carapace_rehearsal::render::{Paint, Part};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Where nobody sees colours, the stream takes them out.
const PAINT: Paint = Paint { colours: true };

/// What people read: a line for each test, then every failure at length, then coverage, then the sum.
pub(super) fn human(suites: &[Suite], filtered: bool) -> String {
    let mut out = String::new();
    // Writing to a String does not fail, here and below.
    for suite in suites {
        match &suite.came {
            Came::Mistaken(_) => {
                let _ = writeln!(out, "{}\n  ✗ not run: it does not check", suite.name);
            }
            Came::Unfit(reason) => {
                let _ = writeln!(out, "{}\n  ✗ not run: {reason}", suite.name);
            }
            Came::Ran { report, .. } if report.tests.is_empty() => {
                if !filtered {
                    let _ = writeln!(out, "{}\n  no tests", suite.name);
                }
            }
            Came::Ran { report, .. } => out.push_str(&rehearsed::tests(report, &suite.sources, PAINT)),
        }
    }
    for suite in suites {
        if let Came::Ran { report, .. } = &suite.came {
            out.push_str(&rehearsed::failures(report, &suite.sources, PAINT));
        }
    }
    coverage(&mut out, suites);
    sum(&mut out, suites);
    out
}

fn coverage(out: &mut String, suites: &[Suite]) {
    for suite in suites {
        if let Came::Ran { report, .. } = &suite.came
            && let Some(coverage) = &report.coverage
        {
            let words = rehearsed::coverage(coverage, &suite.sources, PAINT);
            let _ = write!(out, "\n{}: {words}", suite.name);
        }
    }
}

fn sum(out: &mut String, suites: &[Suite]) {
    let Sum { passed, failed, not_run } = Sum::of(suites);
    // The sum of nothing is a negative zero.
    let took = suites.iter().map(Suite::took).sum::<f64>() + 0.0;
    let _ = write!(out, "\n{passed} passed, {failed} failed");
    if not_run > 0 {
        let _ = write!(out, ", {} not run", output::plural(not_run, "package"));
    }
    let _ = writeln!(out, ", in {took:.2} s");
}

/// What programs read.
///
/// ```text
/// { "version": 1, "passed": 3, "failed": 1, "not_run": 1,
///   "packages": [ { "package": "flows/hello/main.flow", "reason": "…", "diagnostics": [ … ], … } ] }
/// ```
///
/// A package has the members of [`carapace_rehearsal::render::json`], or, where its tests could not be run, `reason`.
/// `diagnostics` are those of `carapace check --format json`. Members are added without a new `version`.
pub(super) fn json(suites: &[Suite]) -> String {
    let Sum { passed, failed, not_run } = Sum::of(suites);
    let document = json!({
        "version": 1,
        "passed": passed,
        "failed": failed,
        "not_run": not_run,
        "packages": suites.iter().map(package).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn package(suite: &Suite) -> Value {
    let mut object = json!({ "package": suite.name });
    let told: Option<Value> = serde_json::from_str(&render::json(suite.diagnostics(), &suite.sources)).ok();
    if let (Some(object), Some(mut told)) = (object.as_object_mut(), told) {
        match &suite.came {
            Came::Ran { report, .. } => {
                let report = rehearsed::json(report, &suite.sources);
                object.extend(report.as_object().cloned().unwrap_or_default());
            }
            Came::Mistaken(_) => {
                object.insert("reason".to_owned(), json!("it does not check"));
            }
            Came::Unfit(reason) => {
                object.insert("reason".to_owned(), json!(reason));
            }
        }
        let list = told.get_mut("diagnostics").map(Value::take);
        object.insert("diagnostics".to_owned(), list.unwrap_or_default());
    }
    object
}

/// What build servers read.
pub(super) fn junit(suites: &[Suite]) -> String {
    let parts: Vec<Part<'_>> = suites
        .iter()
        .map(|suite| match &suite.came {
            Came::Ran { report, .. } => Part::Ran(report, &suite.sources),
            Came::Unfit(reason) => Part::NotRun { name: &suite.name, reason: reason.clone() },
            Came::Mistaken(list) => {
                let told = render::human(list, &suite.sources, render::Human::default());
                Part::NotRun { name: &suite.name, reason: format!("it does not check\n{told}") }
            }
        })
        .collect();
    rehearsed::junit(&parts)
}

struct Sum {
    passed: usize,
    failed: usize,
    not_run: usize,
}

impl Sum {
    fn of(suites: &[Suite]) -> Sum {
        let passed: usize = suites.iter().map(Suite::passed).sum();
        let failed = suites.iter().map(Suite::tests).sum::<usize>() - passed;
        let not_run = suites.iter().filter(|suite| !matches!(suite.came, Came::Ran { .. })).count();
        Sum { passed, failed, not_run }
    }
}
