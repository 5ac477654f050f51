//! What is wrong, sent unasked and on request.

use crate::server::{Answer, Session};
use crate::workspace::Snapshot;
use carapace_diagnostic as told;
use carapace_diagnostic::FileId;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower_lsp::ls_types::*;

/// Sends what is wrong in a package: for each file with something to say, and for each that had and has not any more.
pub(crate) fn publish(session: &mut Session, root: &Path) {
    let package = session.workspace.package_of(root);
    let snapshot = package.snapshot();
    let before = std::mem::take(&mut package.marked);
    let mut marked = Vec::new();
    for (path, diagnostics) in by_file(session, &snapshot) {
        if diagnostics.is_empty() && !before.contains(&path) && session.workspace.document(&path).is_none() {
            continue;
        }
        if !diagnostics.is_empty() {
            marked.push(path.clone());
        }
        // Right after the keystroke most of it was told.
        if session.published.get(&path) != Some(&diagnostics) {
            send(session, &path, diagnostics);
        }
    }
    for gone in before.iter().filter(|path| snapshot.file_at(path).is_none()) {
        send(session, gone, Vec::new());
    }
    session.workspace.package_of(root).marked = marked;
}

/// Sends what can be said about a file as soon as it was edited.
pub(crate) fn publish_quickly(session: &mut Session, path: &Path) {
    if session.agreement.pulls {
        return;
    }
    let Some(snapshot) = session.workspace.package_of(path).quick(path) else { return };
    let Some(file) = snapshot.file_at(path) else { return };
    let diagnostics = of_file(session, &snapshot, file);
    send(session, path, diagnostics);
}

fn send(session: &mut Session, path: &Path, diagnostics: Vec<Diagnostic>) {
    let Some(uri) = session.uri(path) else { return };
    session.published.insert(path.to_owned(), diagnostics.clone());
    let version = session.workspace.document(path).map(|d| d.version());
    session.publish(PublishDiagnosticsParams { uri, diagnostics, version });
}

/// `textDocument/diagnostic`.
pub(crate) fn of_document(
    session: &mut Session,
    params: &DocumentDiagnosticParams,
) -> Answer<DocumentDiagnosticReportResult> {
    let uri = &params.text_document.uri;
    let items = match super::configuration::of_document(session, uri) {
        Some(items) => items,
        None => {
            let subject = session.judged_subject(uri)?;
            of_file(session, &subject.snapshot, subject.file)
        }
    };
    let full = FullDocumentDiagnosticReport { result_id: None, items };
    let report = RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: full,
    };
    Ok(DocumentDiagnosticReport::Full(report).into())
}

/// `workspace/diagnostic`: of every file of every package.
pub(crate) fn of_workspace(
    session: &mut Session,
    _: &WorkspaceDiagnosticParams,
) -> Answer<WorkspaceDiagnosticReportResult> {
    let mut items = Vec::new();
    let snapshots: Vec<Arc<Snapshot>> = session.workspace.packages_mut().map(|p| p.snapshot()).collect();
    for snapshot in snapshots {
        for (path, diagnostics) in by_file(session, &snapshot) {
            let Some(uri) = session.uri(&path) else { continue };
            let full = FullDocumentDiagnosticReport { result_id: None, items: diagnostics };
            let version = session.workspace.document(&path).map(|d| i64::from(d.version()));
            let report =
                WorkspaceFullDocumentDiagnosticReport { uri, version, full_document_diagnostic_report: full };
            items.push(report.into());
        }
    }
    Ok(WorkspaceDiagnosticReport { items }.into())
}

fn by_file(session: &Session, snapshot: &Snapshot) -> Vec<(PathBuf, Vec<Diagnostic>)> {
    let files = snapshot.files().into_iter();
    files.filter_map(|file| Some((snapshot.path(file)?, of_file(session, snapshot, file)))).collect()
}

fn of_file(session: &Session, snapshot: &Snapshot, file: FileId) -> Vec<Diagnostic> {
    let here = snapshot.checked.diagnostics.iter().filter(|d| d.primary.span.file == file);
    let mut out: Vec<Diagnostic> = here.map(|d| diagnostic(session, snapshot, d)).collect();
    let failures = snapshot.path(file).and_then(|path| session.failures.get(&path));
    out.extend(failures.into_iter().flatten().map(|(title, range, why)| Diagnostic {
        range: session.range(snapshot, file, *range),
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some("carapace test".to_owned()),
        message: format!("the test \"{title}\" failed here: {why}"),
        ..Diagnostic::default()
    }));
    out
}

/// One mistake in a package, as the protocol tells it.
pub(crate) fn diagnostic(session: &Session, snapshot: &Snapshot, d: &told::Diagnostic) -> Diagnostic {
    let range = session.range(snapshot, d.primary.span.file, d.primary.span.range);
    described(session, d, range, |span| session.location(snapshot, span))
}

/// One mistake, as the protocol tells it, with what says where other places are.
pub(crate) fn described(
    session: &Session,
    d: &told::Diagnostic,
    range: Range,
    location: impl Fn(told::Span) -> Option<Location>,
) -> Diagnostic {
    let related = d.secondary.iter().filter_map(|label| {
        let message = if label.text.is_empty() { "see here".to_owned() } else { label.text.clone() };
        Some(DiagnosticRelatedInformation { location: location(label.span)?, message })
    });
    let related: Vec<_> = related.collect();
    let severity = if d.is_error() { DiagnosticSeverity::ERROR } else { DiagnosticSeverity::WARNING };
    Diagnostic {
        range,
        severity: Some(severity),
        code: Some(NumberOrString::String(d.code.0.to_owned())),
        code_description: session.page(d.code.0).map(|href| CodeDescription { href }),
        source: Some("carapace".to_owned()),
        message: words(d),
        related_information: (!related.is_empty()).then_some(related),
        tags: unused(d).then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: None,
    }
}

/// What is wrong, what there is to say about the place, and the way out.
fn words(d: &told::Diagnostic) -> String {
    let mut words = d.message.clone();
    if !d.primary.text.is_empty() {
        words.push_str(": ");
        words.push_str(&d.primary.text);
    }
    if let Some(help) = &d.help {
        words.push_str("\nhelp: ");
        words.push_str(help);
    }
    words
}

/// What is never used, or never reached, may be shown paler.
fn unused(d: &told::Diagnostic) -> bool {
    matches!(d.code.0, "W0301" | "W0304" | "W0305" | "W0306")
}
