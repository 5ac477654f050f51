//! `carapace journal verify`: a line for each finding, and one about the whole.

use super::look;
use crate::args::Results;
use crate::args::journal::Verify;
use crate::data::unopened;
use crate::exit::Exit;
use crate::output::{note, plural, print};
use crate::problem::Problem;
use carapace_engine::inspect::{self, Replayed, Stopped};
use carapace_engine::machine::vm;
use carapace_engine::service::Error;
use carapace_engine::state::RestoreError;
use carapace_store::{Depth, Finding, FindingKind, Inspection, Position};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// That there is no beginning to replay from is no mistake.
const NO_BEGINNING: &str = "E0955";

pub(super) fn run(data: &Path, options: &Verify) -> Result<Exit, Problem> {
    let mut found = look(data, Depth::Archive, Position(0), &mut |_| {})?;
    // What refers to what can be said where the truth can be read.
    if found.findings.iter().all(|finding| is_history(finding.kind)) {
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
fn misunderstood(data: &Path) -> Vec<Finding> {
    let error = match inspect::read(data, vm::load) {
        Ok(read) => return read.map(|stopped| missing(data, &stopped)).unwrap_or_default(),
        Err(error) => error,
    };
    let (file, byte, why) = match &error {
        Error::Store(carapace_store::Error::Corrupt { file, byte, why, .. })
        | Error::Checkpoint(RestoreError::Shelf(carapace_store::Error::Corrupt {
            file, byte, why, ..
        })) => (file.clone(), *byte, why.clone()),
        Error::Checkpoint(_) => (data.join("checkpoints"), 0, error.to_string()),
        _ => (data.join("journal"), 0, error.to_string()),
    };
    vec![Finding { kind: FindingKind::Truth, file, byte, line: 0, seq: None, why }]
}

/// Modules that something still needs, and that are not there.
fn missing(data: &Path, stopped: &Stopped) -> Vec<Finding> {
    let of = |(module, package): (Arc<str>, Arc<str>)| {
        let file = data.join("blobs").join(&*module);
        let why = format!("the module of `{package}` is not there, and its runs wait for it");
        // One that is there and damaged is told as that.
        (!file.exists()).then_some(Finding {
            kind: FindingKind::Missing,
            file,
            byte: 0,
            line: 0,
            seq: None,
            why,
        })
    };
    stopped.missing_modules().into_iter().filter_map(of).collect()
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
        Some(Replayed::Erased { upto, checkpoint, lines }) => {
            let lines = plural(usize::try_from(lines).unwrap_or(usize::MAX), "line");
            note(&format!(
                "something was erased from lines up to {upto} [{NO_BEGINNING}]: {lines} replayed on the checkpoint of line {checkpoint}"
            ));
            Ok(Exit::Fine)
        }
        Some(Replayed::NoBeginning { gone, checkpoint, lines }) => {
            let lines = plural(usize::try_from(lines).unwrap_or(usize::MAX), "line");
            note(&format!(
                "lines up to {gone} are kept no longer [{NO_BEGINNING}]: {lines} replayed on the checkpoint of line {checkpoint}"
            ));
            Ok(Exit::Fine)
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
    } else if found.findings.iter().all(|finding| finding.kind == FindingKind::Missing) {
        Problem::new("E0965", format!("something that is needed is not there: {count}"))
            .help("put the file back from a copy, or deploy the same again")
    } else if found.findings.iter().all(|finding| is_history(finding.kind)) {
        Problem::new("E0964", format!("the archive is damaged: {count}")).help(
            "what lives does not need it: put the files back from a copy, or do without the history in them",
        )
    } else {
        Problem::new("E0953", format!("the journal is damaged: {count}"))
            .help("copy the folder first; `carapace journal repair` says what can be done")
    }
}

/// Whether what lives does without it.
fn is_history(kind: FindingKind) -> bool {
    matches!(kind, FindingKind::Archive | FindingKind::Missing)
}

/// `FILE:12 (byte 3456): line 7: the checksum does not match`.
pub(super) fn sentence(finding: &Finding) -> String {
    let line = if finding.line > 0 { format!(":{}", finding.line) } else { String::new() };
    let seq = finding.seq.map(|seq| format!("line {seq}: ")).unwrap_or_default();
    format!(
        "{}{line} (byte {}): {seq}{} [{}, {}]",
        finding.file.display(),
        finding.byte,
        finding.why,
        kind(finding),
        code(finding)
    )
}

fn code(finding: &Finding) -> &'static str {
    match finding.kind {
        FindingKind::Torn => "E0952",
        FindingKind::Damaged | FindingKind::Truth | FindingKind::Blob => "E0953",
        FindingKind::Archive => "E0964",
        FindingKind::Missing => "E0965",
    }
}

fn kind(finding: &Finding) -> &'static str {
    match finding.kind {
        FindingKind::Torn => "torn end",
        FindingKind::Damaged => "damaged",
        FindingKind::Truth => "no truth to begin with",
        FindingKind::Archive => "damaged archive",
        FindingKind::Blob => "damaged blob",
        FindingKind::Missing => "missing blob",
    }
}

fn summary(found: &Inspection) -> String {
    let checkpoint = match found.checkpoint {
        Position(0) => "no checkpoint".to_owned(),
        at => format!("a checkpoint of line {at}"),
    };
    let archive = match found.parts {
        0 => String::new(),
        parts => {
            format!(" and {} of the archive", plural(usize::try_from(parts).unwrap_or(usize::MAX), "part"))
        }
    };
    format!(
        "{} in {}{archive}, the last is {}, durable up to {}; {checkpoint}; {}",
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
            "kind": kind(finding), "code": code(finding), "file": finding.file, "byte": finding.byte, "line": finding.line,
            "seq": finding.seq.map(|seq| seq.0), "why": finding.why,
        })
    });
    json!({
        "version": 1, "findings": findings.collect::<Vec<_>>(), "segments": found.segments, "parts": found.parts,
        "lines": found.lines, "oldest": found.oldest.0,
        "blobs": found.blobs, "last": found.last.0, "durable": found.durable.0, "checkpoint": found.checkpoint.0,
    })
}
