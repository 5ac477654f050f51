//! JUnit XML, as build servers read it.

use super::{Paint, file_of};
use crate::report::{SuiteReport, TestReport};
use carapace_diagnostic::SourceMap;
use std::fmt::Write;

/// What came of a package.
pub enum Part<'a> {
    /// Its tests ran.
    Ran(&'a SuiteReport, &'a SourceMap),
    /// They did not.
    NotRun {
        /// The package's root file.
        name: &'a str,
        /// Why.
        reason: String,
    },
}

/// The reports as one JUnit file. A file of the source is a `testsuite`; a package that could not be tested is one with
/// an `error`.
pub fn junit(parts: &[Part<'_>]) -> String {
    let (mut tests, mut failures, mut errors) = (0, 0, 0);
    let mut body = String::new();
    for part in parts {
        match part {
            Part::Ran(report, sources) => {
                tests += report.tests.len();
                failures += report.failed();
                suites(&mut body, report, sources);
            }
            Part::NotRun { name, reason } => {
                (tests, errors) = (tests + 1, errors + 1);
                not_run(&mut body, name, reason);
            }
        }
    }
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let all = format!("<testsuites tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">");
    format!("{head}{all}\n{body}</testsuites>\n")
}

fn suites(out: &mut String, report: &SuiteReport, sources: &SourceMap) {
    let mut files: Vec<&str> = report.tests.iter().map(|test| file_of(test, sources)).collect();
    files.dedup();
    for file in files {
        let tests: Vec<&TestReport> =
            report.tests.iter().filter(|test| file_of(test, sources) == file).collect();
        let failed = tests.iter().filter(|test| !test.passed()).count();
        let took: f64 = tests.iter().map(|test| test.took.as_secs_f64()).sum();
        // Writing to a String does not fail, here and below.
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\" time=\"{took:.6}\">",
            escape(file),
            tests.len()
        );
        for test in tests {
            case(out, test, sources);
        }
        out.push_str("  </testsuite>\n");
    }
}

fn case(out: &mut String, test: &TestReport, sources: &SourceMap) {
    let _ = write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6}\"",
        escape(file_of(test, sources)),
        escape(&test.title),
        test.took.as_secs_f64()
    );
    let Some(failure) = &test.failure else {
        out.push_str("/>\n");
        return;
    };
    let body = super::failure(failure, sources, Paint::default());
    let _ = writeln!(
        out,
        ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
        escape(&failure.message),
        escape(&body)
    );
}

fn not_run(out: &mut String, name: &str, reason: &str) {
    let name = escape(name);
    let first = escape(reason.lines().next().unwrap_or_default());
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\" time=\"0\">\n    \
         <testcase classname=\"{name}\" name=\"it can be tested\" time=\"0\">\n      \
         <error message=\"{first}\">{}</error>\n    </testcase>\n  </testsuite>",
        escape(reason)
    );
}

/// Text as XML; what XML cannot hold at all becomes a question mark.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(escape("a<b>&\"\u{7}\n"), "a&lt;b&gt;&amp;&quot;?\n");
    }
}
