//! For a person at a terminal.

use super::{Paint, file_of, shown};
use crate::report::{Difference, FailureClass, SuiteReport, TestFailure, TestReport};
use crate::transcript::{Happening, duration};
use carapace_diagnostic::SourceMap;
use std::fmt::Write;

/// The whole report: a line for each test, failures at length, coverage, and the sum.
pub fn suite(report: &SuiteReport, sources: &SourceMap) -> String {
    let paint = Paint::default();
    let mut out = tests(report, sources, paint);
    out.push_str(&failures(report, sources, paint));
    if let Some(coverage) = &report.coverage {
        // Writing to a String does not fail, here and below.
        let _ = write!(out, "\n{}", super::coverage(coverage, sources, paint));
    }
    let took: f64 = report.tests.iter().map(|test| test.took.as_secs_f64()).sum();
    let _ = writeln!(out, "\n{} passed, {} failed, in {:.2} s", report.passed(), report.failed(), took);
    out
}

/// A line for each test, below its file's name.
pub fn tests(report: &SuiteReport, sources: &SourceMap, paint: Paint) -> String {
    let mut out = String::new();
    let mut file = "";
    for test in &report.tests {
        if file_of(test, sources) != file {
            file = file_of(test, sources);
            let _ = writeln!(out, "{}", paint.strong(file));
        }
        let _ = writeln!(out, "  {} {}{}", mark(test, paint), test.title, rounds(test, paint));
    }
    out
}

/// Every failure, at length.
pub fn failures(report: &SuiteReport, sources: &SourceMap, paint: Paint) -> String {
    let mut out = String::new();
    for test in &report.tests {
        if let Some(failed) = &test.failure {
            let title = paint.strong(&format!("{} › {}", file_of(test, sources), test.title));
            let _ = write!(out, "\n{title}\n{}", failure(failed, sources, paint));
        }
    }
    out
}

/// One failure, at length.
pub fn failure(failed: &TestFailure, sources: &SourceMap, paint: Paint) -> String {
    let mut out = String::new();
    if let Some(place) = failed.span.and_then(|span| shown(span, sources)) {
        let _ = writeln!(out, "  {}:{}:{}", place.file, place.line, place.column);
        let _ = writeln!(out, "  {:>4} │ {}", place.line, place.text);
        let below = paint.bad(&"^".repeat(place.width));
        let _ = writeln!(out, "       │ {}{below}", " ".repeat(place.from));
    }
    let _ = writeln!(out, "  {}", paint.bad(&failed.message));
    if let Some(await_number) = failed.after_crash {
        let _ = writeln!(out, "  only after a crash at await {await_number}: without it, the test passes");
    }
    if let Some(difference) = &failed.difference {
        let _ = writeln!(out);
        sides(&mut out, difference, paint);
    }
    if !failed.transcript.is_empty() {
        transcript(&mut out, failed, paint);
    }
    if let Some(help) = &failed.help {
        let _ = writeln!(out, "\n  {}: {}", paint.help("help"), help.replace('\n', "\n        "));
    }
    out
}

/// Lines of a transcript that are shown: the beginning, and what led to the failure.
const FIRST: usize = 10;
const LAST: usize = 40;

fn transcript(out: &mut String, failed: &TestFailure, paint: Paint) {
    let heading = match failed.kind {
        FailureClass::Expectation => "what really happened",
        _ => "what happened before",
    };
    let _ = writeln!(out, "\n  {heading}:");
    let left_out = failed.transcript.len().saturating_sub(FIRST + LAST);
    for (number, entry) in failed.transcript.iter().enumerate() {
        if left_out > 0 && number == FIRST {
            let _ = writeln!(out, "           … {left_out} more; `--format json` has them");
        }
        if left_out > 0 && (FIRST..FIRST + left_out).contains(&number) {
            continue;
        }
        let taken = match &entry.what {
            Happening::Output(output) if output.expected => paint.good("✓"),
            Happening::Output(_) => "•".to_owned(),
            _ => " ".to_owned(),
        };
        let after = paint.faint(&format!("{:>8}", format!("+{}", duration(entry.after))));
        let _ = writeln!(out, "  {after} {taken} {}", in_short(entry.text()));
    }
}

/// Characters of a transcript's line that are shown: two lines on most terminals.
const WIDEST: usize = 180;

fn in_short(text: String) -> String {
    match text.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Both sides, marked where they differ.
fn sides(out: &mut String, difference: &Difference, paint: Paint) {
    let Difference { expected, found } = difference;
    if !expected.contains('\n') && !found.contains('\n') {
        let _ = writeln!(out, "  expected  {expected}");
        let _ = writeln!(out, "     found  {found}");
        let (start, end) = middle(expected, found);
        // A part or a pattern is not compared letter by letter.
        let whole = !["containing ", "matching "].iter().any(|word| expected.starts_with(word));
        if whole && (start > 0 || end > 0) {
            let length = found.chars().count();
            let width = length.saturating_sub(start + end).max(1);
            let _ = writeln!(out, "            {}{}", " ".repeat(start), paint.bad(&"^".repeat(width)));
        }
        return;
    }
    let _ = writeln!(out, "  {} {}", paint.good("- expected"), paint.bad("+ found"));
    for change in similar::TextDiff::from_lines(expected, found).iter_all_changes() {
        let line = change.value().trim_end_matches('\n');
        let _ = match change.tag() {
            similar::ChangeTag::Delete => writeln!(out, "  {}", paint.good(&format!("- {line}"))),
            similar::ChangeTag::Insert => writeln!(out, "  {}", paint.bad(&format!("+ {line}"))),
            similar::ChangeTag::Equal => writeln!(out, "    {line}"),
        };
    }
}

/// How many characters both have in common at the start and at the end.
fn middle(a: &str, b: &str) -> (usize, usize) {
    let start = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let shorter = a.chars().count().min(b.chars().count());
    let end = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).count();
    (start, end.min(shorter - start))
}

fn mark(test: &TestReport, paint: Paint) -> String {
    if test.passed() { paint.good("✓") } else { paint.bad("✗") }
}

fn rounds(test: &TestReport, paint: Paint) -> String {
    match test.rounds {
        0 | 1 => String::new(),
        rounds => paint.faint(&format!(" ({} crashes survived)", rounds - 1)),
    }
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
