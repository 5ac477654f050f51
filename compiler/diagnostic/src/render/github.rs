//! Annotations in a GitHub workflow's log.

use crate::{Diagnostic, Severity, SourceMap};
use std::fmt::Write as _;

/// One workflow command a diagnostic: `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=E0101::message`.
///
/// Help follows the message on a line of its own (`%0A`). Columns are given only where the place is within one
/// line, as the other side ignores them otherwise.
pub fn github(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let span = diagnostic.primary.span;
        let mut message = diagnostic.message.clone();
        if let Some(help) = &diagnostic.help {
            message = format!("{message}\nhelp: {help}");
        }
        let mut properties = String::new();
        if let Some(file) = sources.get(span.file) {
            let (start, end) = (file.position(span.range.start), file.position(span.range.end));
            properties = format!("file={},line={},endLine={}", property(file.name()), start.line, end.line);
            if start.line == end.line {
                // Writing to a string cannot fail.
                let _ = write!(properties, ",col={},endColumn={}", start.column, end.column);
            }
            properties.push(',');
        }
        let _ = writeln!(out, "::{command} {properties}title={}::{}", diagnostic.code, data(&message));
    }
    out
}

/// The escapes of a command's message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a command's property: those of the message, and the two separators.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
