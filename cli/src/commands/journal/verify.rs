//! `carapace journal verify`: a line for each finding, and one about the whole.

use super::look;
use crate::args::Results;
use crate::args::journal::Verify;
use crate::exit::Exit;
use crate::output::{note, plural, print};
use crate::problem::Problem;
use carapace_store::{Finding, FindingKind, Inspection, Position};
use serde_json::json;
use std::path::Path;

pub(super) fn run(data: &Path, options: &Verify) -> Result<Exit, Problem> {
    let found = look(data, Position(0), &mut |_| {})?;
    match options.format {
        Results::Json => print(&format!("{:#}\n", document(&found))),
        Results::Human => {
            for finding in &found.findings {
                print(&format!("{}\n", sentence(finding)));
            }
            note(&summary(&found));
        }
    }
    if found.findings.is_empty() {
        return Ok(Exit::Fine);
    }
    if options.format == Results::Human {
        told(&found).print();
    }
    Ok(Exit::Findings)
}

/// What was found, with the way out.
pub(super) fn told(found: &Inspection) -> Problem {
    let count = plural(found.findings.len(), "finding");
    if found.is_only_torn() {
        Problem::new("E0952", format!("the end of the journal is torn: {count}"))
            .help("nothing of it was ever durable: the next `carapace run` overwrites it, or `carapace journal repair --yes`")
    } else {
        Problem::new("E0953", format!("the journal is damaged: {count}"))
            .help("copy the folder first; `carapace journal repair` says what can be done")
    }
}

/// `FILE:12 (byte 3456): line 7: the checksum does not match`.
pub(super) fn sentence(finding: &Finding) -> String {
    let line = if finding.line > 0 { format!(":{}", finding.line) } else { String::new() };
    let seq = finding.seq.map(|seq| format!("line {seq}: ")).unwrap_or_default();
    format!(
        "{}{line} (byte {}): {seq}{} [{}]",
        finding.file.display(),
        finding.byte,
        finding.why,
        kind(finding)
    )
}

fn kind(finding: &Finding) -> &'static str {
    match finding.kind {
        FindingKind::Torn => "torn end",
        FindingKind::Damaged => "damaged",
        FindingKind::Truth => "no truth to begin with",
        FindingKind::Blob => "damaged blob",
    }
}

fn summary(found: &Inspection) -> String {
    let checkpoint = match found.checkpoint {
        Position(0) => "no checkpoint".to_owned(),
        at => format!("a checkpoint of line {at}"),
    };
    format!(
        "{} in {}, the last is {}, durable up to {}; {checkpoint}; {}",
        plural(usize::try_from(found.lines).unwrap_or(usize::MAX), "line"),
        plural(usize::try_from(found.segments).unwrap_or(usize::MAX), "file"),
        found.last,
        found.durable,
        plural(usize::try_from(found.blobs).unwrap_or(usize::MAX), "blob"),
    )
}

fn document(found: &Inspection) -> serde_json::Value {
    let findings = found.findings.iter().map(|finding| {
        json!({
            "kind": kind(finding), "file": finding.file, "byte": finding.byte, "line": finding.line,
            "seq": finding.seq.map(|seq| seq.0), "why": finding.why,
        })
    });
    json!({
        "version": 1, "findings": findings.collect::<Vec<_>>(), "segments": found.segments, "lines": found.lines,
        "blobs": found.blobs, "last": found.last.0, "durable": found.durable.0, "checkpoint": found.checkpoint.0,
    })
}
