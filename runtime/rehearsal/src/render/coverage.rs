//! Coverage for a person at a terminal.

use super::{Paint, shown};
use crate::coverage::{Coverage, Missed};
use crate::transcript::short;
use carapace_diagnostic::{SourceMap, Span, TextRange};
use std::fmt::Write;

/// The sum, and a line for each branch that no test took.
pub fn coverage(coverage: &Coverage, sources: &SourceMap, paint: Paint) -> String {
    let mut out = String::new();
    let Coverage { branches, taken, missed } = coverage;
    let percent = if *branches == 0 { 100.0 } else { ratio(*taken, *branches) };
    // Writing to a String does not fail, here and below.
    let _ = writeln!(out, "{taken} of {branches} branches taken ({percent:.1} %)");
    for missed in missed {
        out.push_str(&line(missed, sources, paint));
    }
    out
}

fn line(missed: &Missed, sources: &SourceMap, paint: Paint) -> String {
    let (owner, why) = (short(&missed.owner), paint.bad(missed.why.words()));
    match shown(behind_docs(missed.span, sources), sources) {
        Some(place) => {
            let at = paint.faint(&format!("{}:{}:{}", place.file, place.line, place.column));
            format!("  {at} `{owner}`: {why}: {}\n", place.text.trim())
        }
        None => format!("  `{owner}`: {why}\n"),
    }
}

/// An item's place without the comment above it.
fn behind_docs(span: Span, sources: &SourceMap) -> Span {
    let Some(file) = sources.get(span.file) else { return span };
    let text = file.slice(span.range);
    let docs = text.split_inclusive('\n').take_while(|line| line.trim_start().starts_with("///"));
    let docs: usize = docs.map(str::len).sum();
    let start = u32::try_from(docs).map_or(span.range.start, |docs| span.range.start.saturating_add(docs));
    Span::new(span.file, TextRange::new(start.min(span.range.end), span.range.end))
}

#[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole as f64
}
