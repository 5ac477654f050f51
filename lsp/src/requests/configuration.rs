//! `carapace.json5`: the requests that have an answer about it. The others are answered as for a file without flows.

use super::diagnostics::described;
use crate::features::configuration::Configuration;
use crate::server::Session;
use carapace_config::Choice;
use carapace_diagnostic::TextRange;
use std::path::Path;
use std::sync::Arc;
use tower_lsp::ls_types::*;

/// The configuration that is open under this name; none where it is no configuration.
fn open(session: &Session, uri: &Uri) -> Option<Configuration> {
    let path = session.path(uri).ok()?;
    let document = session.workspace.configuration(&path)?;
    Some(Configuration::of(Arc::clone(document.text())))
}

/// Sends what is wrong with a configuration that was opened or edited. False where the file is none.
pub(crate) fn publish(session: &Session, path: &Path) -> bool {
    let Some(document) = session.workspace.configuration(path) else { return false };
    let configuration = Configuration::of(Arc::clone(document.text()));
    let version = Some(document.version());
    if let (false, Some(uri)) = (session.agreement.pulls, session.uri(path)) {
        let diagnostics = diagnostics(session, &configuration, &uri);
        session.publish(PublishDiagnosticsParams { uri, diagnostics, version });
    }
    true
}

/// Takes back what was sent about a configuration that is being closed.
pub(crate) fn take_back(session: &Session, path: &Path) {
    let there = session.workspace.configuration(path).is_some();
    if let (true, false, Some(uri)) = (there, session.agreement.pulls, session.uri(path)) {
        session.publish(PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: None });
    }
}

/// `textDocument/diagnostic`.
pub(crate) fn of_document(session: &Session, uri: &Uri) -> Option<Vec<Diagnostic>> {
    let configuration = open(session, uri)?;
    Some(diagnostics(session, &configuration, uri))
}

/// `textDocument/hover`.
pub(crate) fn hover(session: &Session, at: &TextDocumentPositionParams) -> Option<Option<Hover>> {
    let configuration = open(session, &at.text_document.uri)?;
    let said = configuration.hover(offset(session, &configuration, at.position));
    Some(said.map(|(bytes, value)| Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value }),
        range: Some(range(session, &configuration, bytes)),
    }))
}

/// `textDocument/completion`.
pub(crate) fn complete(session: &Session, at: &TextDocumentPositionParams) -> Option<CompletionResponse> {
    let configuration = open(session, &at.text_document.uri)?;
    let found = configuration.complete(offset(session, &configuration, at.position));
    let numbered = found.into_iter().enumerate();
    let items = numbered.map(|(number, choice)| item(session, &configuration, number, choice)).collect();
    Some(CompletionResponse::List(CompletionList { is_incomplete: false, items }))
}

fn item(session: &Session, configuration: &Configuration, number: usize, choice: Choice) -> CompletionItem {
    let Choice { label, insert, replace, detail, doc, is_key } = choice;
    let documentation = (!doc.is_empty())
        .then_some(doc)
        .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }));
    CompletionItem {
        // In the order in which people write them.
        sort_text: Some(format!("{number:03}")),
        // What stands in quotes is compared with its quotes by editors that look at what is replaced.
        filter_text: Some(if is_key { label.clone() } else { insert.clone() }),
        label,
        kind: Some(if is_key { CompletionItemKind::PROPERTY } else { CompletionItemKind::VALUE }),
        detail: (!detail.is_empty()).then_some(detail),
        documentation,
        text_edit: Some(CompletionTextEdit::Edit(TextEdit {
            range: range(session, configuration, replace),
            new_text: insert,
        })),
        ..CompletionItem::default()
    }
}

fn diagnostics(session: &Session, configuration: &Configuration, uri: &Uri) -> Vec<Diagnostic> {
    let found = configuration.diagnostics();
    let at = |bytes| range(session, configuration, bytes);
    let location = |bytes| Some(Location { uri: uri.clone(), range: at(bytes) });
    found
        .iter()
        .map(|d| described(session, d, at(d.primary.span.range), |span| location(span.range)))
        .collect()
}

fn offset(session: &Session, configuration: &Configuration, position: Position) -> u32 {
    configuration.lines.offset(&configuration.text, session.place(position), session.workspace.encoding)
}

fn range(session: &Session, configuration: &Configuration, bytes: TextRange) -> Range {
    let at = |offset| {
        let place = configuration.lines.place(&configuration.text, offset, session.workspace.encoding);
        Position::new(place.line, place.column)
    };
    Range::new(at(bytes.start), at(bytes.end))
}
