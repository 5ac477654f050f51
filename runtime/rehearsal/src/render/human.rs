//! For a person at a terminal.

use crate::report::{Difference, FailureClass, SuiteReport, TestFailure, TestReport};
use crate::transcript::{Happening, duration};
use carapace_diagnostic::Span;
use std::fmt::Write;

/// Where a span stands, for those who have the sources.
pub trait Sources {
    /// Path, line and column, both counted from 1, and the line's text.
    fn place(&self, span: Span) -> Option<(String, u32, u32, String)>;

    /// A module as the user would write it: its file.
    fn module(&self, module: &str) -> String {
        module.to_owned()
    }
}

/// Nobody has the sources.
impl Sources for () {
    fn place(&self, _: Span) -> Option<(String, u32, u32, String)> {
        None
    }
}

/// The whole report: a line for each test, failures at length, and the sum.
pub fn suite(report: &SuiteReport, sources: &dyn Sources) -> String {
    let mut out = tests(report, sources);
    out.push_str(&failures(report, sources));
    if let Some(coverage) = &report.coverage {
        let _ = write!(out, "\n{}", coverage.words(sources));
    }
    let took: f64 = report.tests.iter().map(|test| test.took.as_secs_f64()).sum();
    let _ = writeln!(out, "\n{} passed, {} failed, in {:.2} s", report.passed(), report.failed(), took);
    out
}

/// A line for each test, below its file's name.
pub fn tests(report: &SuiteReport, sources: &dyn Sources) -> String {
    let mut out = String::new();
    let mut module = "";
    for test in &report.tests {
        if &*test.module != module {
            module = &test.module;
            let _ = writeln!(out, "{}", sources.module(module));
        }
        let _ = writeln!(out, "  {} {}{}", mark(test), test.title, rounds(test));
    }
    out
}

/// Every failure, at length.
pub fn failures(report: &SuiteReport, sources: &dyn Sources) -> String {
    let mut out = String::new();
    for test in &report.tests {
        if let Some(failed) = &test.failure {
            let module = sources.module(&test.module);
            let _ = write!(out, "\n{module} › {}\n{}", test.title, failure(failed, sources));
        }
    }
    out
}

/// One failure, at length.
pub fn failure(failed: &TestFailure, sources: &dyn Sources) -> String {
    let mut out = String::new();
    if let Some((path, line, column, text)) = failed.span.and_then(|span| sources.place(span)) {
        let _ = writeln!(out, "  {path}:{line}:{column}");
        let _ = writeln!(out, "  {line:>4} │ {}", text.trim_end());
        let width = failed.span.map_or(1, |span| span.range.len() as usize);
        let start = (column as usize).saturating_sub(1);
        let width = width.min(text.trim_end().chars().count().saturating_sub(start)).max(1);
        let _ = writeln!(out, "       │ {}{}", " ".repeat(start), "^".repeat(width));
    }
    let _ = write!(out, "{}", body(failed));
    out
}

/// A failure without its place.
pub(super) fn body(failed: &TestFailure) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "  {}", failed.message);
    if let Some(await_number) = failed.after_crash {
        let _ = writeln!(out, "  only after a crash at await {await_number}: without it, the test passes");
    }
    if let Some(difference) = &failed.difference {
        let _ = writeln!(out);
        sides(&mut out, difference);
    }
    if !failed.transcript.is_empty() {
        let heading = match failed.kind {
            FailureClass::Expectation => "what really happened",
            _ => "what happened before",
        };
        let _ = writeln!(out, "\n  {heading}:");
        for entry in &failed.transcript {
            let taken = match &entry.what {
                Happening::Output(output) if output.expected => "✓",
                Happening::Output(_) => "•",
                _ => " ",
            };
            let _ = writeln!(out, "  {:>8} {taken} {}", format!("+{}", duration(entry.after)), entry.text());
        }
    }
    if let Some(help) = &failed.help {
        let _ = writeln!(out, "\n  help: {}", help.replace('\n', "\n        "));
    }
    out
}

/// Both sides, marked where they differ.
fn sides(out: &mut String, difference: &Difference) {
    let Difference { expected, found } = difference;
    if !expected.contains('\n') && !found.contains('\n') {
        let _ = writeln!(out, "  expected  {expected}");
        let _ = writeln!(out, "     found  {found}");
        let (start, end) = middle(expected, found);
        if start > 0 || end > 0 {
            let length = found.chars().count();
            let width = length.saturating_sub(start + end).max(1);
            let _ = writeln!(out, "            {}{}", " ".repeat(start), "^".repeat(width));
        }
        return;
    }
    for change in similar::TextDiff::from_lines(expected, found).iter_all_changes() {
        let sign = match change.tag() {
            similar::ChangeTag::Delete => '-',
            similar::ChangeTag::Insert => '+',
            similar::ChangeTag::Equal => ' ',
        };
        let _ = writeln!(out, "  {sign} {}", change.value().trim_end_matches('\n'));
    }
}

/// How many characters both have in common at the start and at the end.
fn middle(a: &str, b: &str) -> (usize, usize) {
    let start = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let shorter = a.chars().count().min(b.chars().count());
    let end = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).count();
    (start, end.min(shorter - start))
}

fn mark(test: &TestReport) -> char {
    if test.passed() { '✓' } else { '✗' }
}

fn rounds(test: &TestReport) -> String {
    if test.rounds > 1 { format!(" ({} crashes survived)", test.rounds - 1) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::middle;

    #[test]
    fn the_middle_never_overlaps() {
        assert_eq!(middle("aaa", "aa"), (2, 0));
        assert_eq!(middle("one two", "one, two"), (3, 4));
        assert_eq!(middle("", "x"), (0, 0));
    }
}
