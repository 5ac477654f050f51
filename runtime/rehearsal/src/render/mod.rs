//! Reports as text for people, JUnit for build servers, JSON for programs.

mod coverage;
mod human;
mod json;
mod junit;
mod paint;

pub use coverage::coverage;
pub use human::{failure, failures, suite, tests};
pub use json::json;
pub use junit::{Part, junit};
pub use paint::Paint;

use carapace_diagnostic::{SourceMap, Span};

/// A file's name as the user would write it; where it is not known, the module's.
fn file_of<'a>(test: &'a crate::TestReport, sources: &'a SourceMap) -> &'a str {
    test.file.and_then(|file| sources.get(file)).map_or(&test.module, |file| file.name())
}

/// A place, and the line it stands in.
struct Shown<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    /// The line's text, and which characters of it are meant: from, and how many.
    text: &'a str,
    from: usize,
    width: usize,
}

fn shown(span: Span, sources: &SourceMap) -> Option<Shown<'_>> {
    let file = sources.get(span.file)?;
    let position = file.position(span.range.start);
    let index = usize::try_from(position.line).ok()?.checked_sub(1)?;
    let text = file.text().lines().nth(index).unwrap_or_default().trim_end();
    let from = usize::try_from(position.column).ok()?.saturating_sub(1);
    let rest = text.chars().count().saturating_sub(from);
    let width = file.slice(span.range).chars().count().min(rest).max(1);
    Some(Shown { file: file.name(), line: position.line, column: position.column, text, from, width })
}
