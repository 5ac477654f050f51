//! JUnit XML, as build servers read it.

use crate::report::{SuiteReport, TestReport};
use std::fmt::Write;

/// The report as a JUnit file. A module is a `testsuite`.
pub fn junit(report: &SuiteReport) -> String {
    let mut modules: Vec<&str> = report.tests.iter().map(|test| &*test.module).collect();
    modules.dedup();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String does not fail, here and below.
    let _ = writeln!(out, "<testsuites tests=\"{}\" failures=\"{}\">", report.tests.len(), report.failed());
    for module in modules {
        let tests: Vec<&TestReport> = report.tests.iter().filter(|test| &*test.module == module).collect();
        let failed = tests.iter().filter(|test| !test.passed()).count();
        let took: f64 = tests.iter().map(|test| test.took.as_secs_f64()).sum();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" time=\"{took:.6}\">",
            escape(module),
            tests.len()
        );
        for test in tests {
            case(&mut out, test);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, test: &TestReport) {
    let _ = write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6}\"",
        escape(&test.module),
        escape(&test.title),
        test.took.as_secs_f64()
    );
    let Some(failure) = &test.failure else {
        out.push_str("/>\n");
        return;
    };
    let body = super::human::body(failure);
    let _ = writeln!(
        out,
        ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
        escape(&failure.message),
        escape(&body)
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
