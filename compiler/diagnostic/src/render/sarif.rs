//! SARIF 2.1.0, the exchange format of analysers (OASIS, section numbers below are the standard's).

use crate::{Code, Diagnostic, Severity, SourceFile, SourceMap, Span, TextRange, explain};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// All diagnostics as one SARIF log with one run; the rules are the codes that occur, with their pages as help.
pub fn sarif(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let codes: BTreeSet<Code> = diagnostics.iter().map(|d| d.code).collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "carapace",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(|d| result(d, &codes, sources)).collect::<Vec<_>>(),
        }],
    });
    format!("{document:#}\n")
}

/// §3.49, reportingDescriptor.
fn rule(code: Code) -> Value {
    let Some(page) = explain(code.0) else { return json!({ "id": code }) };
    json!({
        "id": code,
        "shortDescription": { "text": page.title },
        "fullDescription": { "text": page.why },
        "help": { "text": page.text, "markdown": page.text },
    })
}

/// §3.27, result.
fn result(diagnostic: &Diagnostic, codes: &[Code], sources: &SourceMap) -> Value {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let message = match &diagnostic.help {
        Some(help) => format!("{}\n\nhelp: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let related = diagnostic.secondary.iter().map(|label| {
        let mut location = location(label.span, sources);
        if let Some(map) = location.as_object_mut() {
            map.insert("message".to_owned(), json!({ "text": label.text }));
        }
        location
    });
    let mut result = json!({
        "ruleId": diagnostic.code,
        "ruleIndex": codes.binary_search(&diagnostic.code).ok(),
        "level": level,
        "message": { "text": message },
        "locations": [location(diagnostic.primary.span, sources)],
        "relatedLocations": related.collect::<Vec<_>>(),
    });
    if let (Some(fix), Some(map)) = (&diagnostic.fix, result.as_object_mut()) {
        let changes = fix.edits.iter().map(|edit| {
            let place = physical(edit.span, sources);
            json!({
                "artifactLocation": place.get("artifactLocation"),
                "replacements": [{
                    "deletedRegion": place.get("region"),
                    "insertedContent": { "text": edit.text },
                }],
            })
        });
        let changes: Vec<Value> = changes.collect();
        map.insert(
            "fixes".to_owned(),
            json!([{ "description": { "text": fix.title }, "artifactChanges": changes }]),
        );
    }
    result
}

/// §3.28, location.
fn location(span: Span, sources: &SourceMap) -> Value {
    json!({ "physicalLocation": physical(span, sources) })
}

/// §3.29, physicalLocation. An empty file has no region: line 1 of it does not exist.
fn physical(span: Span, sources: &SourceMap) -> Value {
    let Some(file) = sources.get(span.file) else { return json!({ "artifactLocation": { "uri": "" } }) };
    let uri = json!({ "uri": uri(file.name()) });
    if file.text().is_empty() {
        return json!({ "artifactLocation": uri });
    }
    json!({ "artifactLocation": uri, "region": region(file, span.range) })
}

/// §3.30, region.
fn region(file: &SourceFile, range: TextRange) -> Value {
    let (start, end) = (file.position(range.start), file.position(range.end));
    json!({
        "startLine": start.line, "startColumn": start.column,
        "endLine": end.line, "endColumn": end.column,
        "byteOffset": range.start, "byteLength": range.len(),
    })
}

/// A path as a relative or absolute URI reference: `/` between folders, everything unusual as `%XX`.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            b'\\' => out.push('/'),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
