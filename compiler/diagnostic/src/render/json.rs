//! One JSON document for programs.

use crate::{Diagnostic, Label, SourceMap, Span};
use serde_json::{Value, json};

/// All diagnostics as one JSON document, pretty-printed, with a line break at its end.
///
/// ```text
/// { "version": 1,
///   "diagnostics": [
///     { "code": "E0101", "severity": "error" | "warning", "message": "…",
///       "file": "main.flow", "range": RANGE, "label": "…",
///       "secondary": [ { "file": "…", "range": RANGE, "label": "…" } ],
///       "help": "…" | null,
///       "fix": { "title": "…", "edits": [ { "file": "…", "range": RANGE, "text": "…" } ] } | null } ],
///   "summary": { "errors": 1, "warnings": 0 } }
/// RANGE = { "start": PLACE, "end": PLACE }      the end is not included
/// PLACE = { "byte": 0, "line": 1, "column": 1 } line and column from 1, columns in Unicode scalar values
/// ```
///
/// Members are added without a new `version`, never removed or given another meaning.
pub fn json(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    format!("{:#}\n", json_document(diagnostics, sources))
}

/// The same as a value, for callers that have something to add.
pub fn json_document(diagnostics: &[Diagnostic], sources: &SourceMap) -> Value {
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    json!({
        "version": 1,
        "diagnostics": diagnostics.iter().map(|d| one(d, sources)).collect::<Vec<_>>(),
        "summary": { "errors": errors, "warnings": diagnostics.len().saturating_sub(errors) },
    })
}

fn one(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let fix = diagnostic.fix.as_ref().map(|fix| {
        let edits = fix.edits.iter().map(|edit| {
            let (file, range) = place(edit.span, sources);
            json!({ "file": file, "range": range, "text": edit.text })
        });
        json!({ "title": fix.title, "edits": edits.collect::<Vec<_>>() })
    });
    let (file, range) = place(diagnostic.primary.span, sources);
    json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": file,
        "range": range,
        "label": diagnostic.primary.text,
        "secondary": diagnostic.secondary.iter().map(|l| label(l, sources)).collect::<Vec<_>>(),
        "help": diagnostic.help,
        "fix": fix,
    })
}

fn label(label: &Label, sources: &SourceMap) -> Value {
    let (file, range) = place(label.span, sources);
    json!({ "file": file, "range": range, "label": label.text })
}

/// A place as every JSON document of ours has it: the file's name, and a `RANGE` as [`json`] describes it.
pub fn place(span: Span, sources: &SourceMap) -> (&str, Value) {
    let Some(file) = sources.get(span.file) else { return ("", Value::Null) };
    let point = |byte: u32| {
        let position = file.position(byte);
        json!({ "byte": byte, "line": position.line, "column": position.column })
    };
    (file.name(), json!({ "start": point(span.range.start), "end": point(span.range.end) }))
}
