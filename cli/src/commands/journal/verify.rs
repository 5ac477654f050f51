//! `carapace journal verify`: a line for each finding, and one about the whole.

use super::look;
use crate::args::Results;
use crate::args::journal::Verify;
use crate::data::unopened;
use crate::exit::Exit;
use crate::output::{note, plural, print};
use crate::problem::Problem;
use carapace_engine::inspect::{self, Replayed};
use carapace_engine::machine::vm;
use carapace_engine::service::Error;
use carapace_engine::state::RestoreError;
use carapace_store::{Finding, FindingKind, Inspection, Position};
use serde_json::json;
use std::path::Path;

pub(super) fn run(data: &Path, options: &Verify) -> Result<Exit, Problem> {
    let mut found = look(data, Position(0), &mut |_| {})?;
    if found.findings.is_empty() {
        found.findings.extend(misunderstood(data));
    }
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
        return if options.replay { replay(data) } else { Ok(Exit::Fine) };
    }
    if options.format == Results::Human {
        told(&found).print();
    }
    Ok(Exit::Findings)
}

/// What is wrong with what the lines and the checkpoint say, or refer to, where each of them can be read.
fn misunderstood(data: &Path) -> Option<Finding> {
    let error = inspect::read(data, vm::load).err()?;
    let (file, byte, why) = match &error {
        Error::Store(carapace_store::Error::Corrupt { file, byte, why, .. })
        | Error::Checkpoint(RestoreError::Shelf(carapace_store::Error::Corrupt {
            file, byte, why, ..
        })) => (file.clone(), *byte, why.clone()),
        Error::Checkpoint(_) => (data.join("checkpoints"), 0, error.to_string()),
        _ => (data.join("journal"), 0, error.to_string()),
    };
    Some(Finding { kind: FindingKind::Truth, file, byte, line: 0, seq: None, why })
}

/// Replays the whole journal, and says what came of it.
fn replay(data: &Path) -> Result<Exit, Problem> {
    match inspect::replayed(data, vm::load).map_err(|e| unopened(data, &e))? {
        Some(Replayed::Same { lines }) => {
            let lines = plural(usize::try_from(lines).unwrap_or(usize::MAX), "line");
            note(&format!("replayed from the first: {lines} come to the same state, byte for byte"));
            Ok(Exit::Fine)
        }
        Some(Replayed::Differs { tables }) => {
            let message =
                format!("the lines come to another state than the checkpoint: {}", tables.join(", "));
            Problem::new("E0956", message)
                .help("the runtime goes on from the checkpoint; keep a copy of the folder, and report this")
                .print();
            Ok(Exit::Findings)
        }
        Some(Replayed::NoBeginning { gone }) => {
            let message = format!("lines up to {gone} are in the checkpoint only");
            Problem::new("E0955", message)
                .help("a journal can be replayed as long as its first line is there; `verify` alone reads what is")
                .print();
            Ok(Exit::Findings)
        }
        None => Ok(Exit::Fine),
    }
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
