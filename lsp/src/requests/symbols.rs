//! `textDocument/documentSymbol` and `workspace/symbol`.

use crate::features::symbols::{self, SymbolKind as Kind};
use crate::server::{Answer, Session, Subject};
use std::sync::Arc;
use tower_lsp::ls_types::*;

/// As many as anybody reads.
const MOST: usize = 500;

pub(crate) fn of_document(
    session: &mut Session,
    params: &DocumentSymbolParams,
) -> Answer<Option<DocumentSymbolResponse>> {
    let subject = session.subject(&params.text_document.uri)?;
    let found = symbols::of_file(&subject.snapshot, subject.file);
    if session.agreement.nested_symbols {
        let nested = found.into_iter().map(|s| nested(session, &subject, s)).collect();
        return Ok(Some(DocumentSymbolResponse::Nested(nested)));
    }
    let flat = found.into_iter().filter_map(|s| {
        let span = carapace_diagnostic::Span::new(subject.file, s.range);
        information(s.name, s.kind, session.location(&subject.snapshot, span)?)
    });
    Ok(Some(DocumentSymbolResponse::Flat(flat.collect())))
}

pub(crate) fn of_workspace(
    session: &mut Session,
    params: &WorkspaceSymbolParams,
) -> Answer<Option<WorkspaceSymbolResponse>> {
    let snapshots: Vec<Arc<_>> = session.workspace.packages_mut().map(|p| p.snapshot()).collect();
    let mut found = Vec::new();
    for snapshot in snapshots {
        for (file, s) in symbols::in_package(&snapshot, &params.query).into_iter().take(MOST) {
            let span = carapace_diagnostic::Span::new(file, s.selection);
            let location = session.location(&snapshot, span);
            found.extend(location.and_then(|location| information(s.name, s.kind, location)));
        }
    }
    found.truncate(MOST);
    Ok(Some(WorkspaceSymbolResponse::Flat(found)))
}

fn nested(session: &Session, subject: &Subject, s: symbols::Symbol) -> DocumentSymbol {
    let children: Vec<DocumentSymbol> = s.children.into_iter().map(|c| nested(session, subject, c)).collect();
    let range = |range| session.range(&subject.snapshot, subject.file, range);
    #[expect(deprecated, reason = "the type has a field that nobody sends any more")]
    DocumentSymbol {
        name: s.name,
        detail: (!s.detail.is_empty()).then_some(s.detail),
        kind: kind(s.kind),
        tags: None,
        deprecated: None,
        range: range(s.range),
        selection_range: range(s.selection),
        children: (!children.is_empty()).then_some(children),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it ends a chain of optional values")]
fn information(name: String, of: Kind, location: Location) -> Option<SymbolInformation> {
    #[expect(deprecated, reason = "the type has a field that nobody sends any more")]
    Some(SymbolInformation {
        name,
        kind: kind(of),
        tags: None,
        deprecated: None,
        location,
        container_name: None,
    })
}

pub(crate) fn kind(of: Kind) -> SymbolKind {
    match of {
        Kind::Flow => SymbolKind::EVENT,
        Kind::Callable => SymbolKind::METHOD,
        Kind::Function => SymbolKind::FUNCTION,
        Kind::Record => SymbolKind::STRUCT,
        Kind::Union => SymbolKind::ENUM,
        Kind::Tag => SymbolKind::ENUM_MEMBER,
        Kind::Field => SymbolKind::FIELD,
        Kind::Constant => SymbolKind::CONSTANT,
        Kind::State => SymbolKind::VARIABLE,
        Kind::Channel => SymbolKind::INTERFACE,
        Kind::Agent => SymbolKind::OBJECT,
        Kind::Test => SymbolKind::BOOLEAN,
        Kind::Trigger => SymbolKind::EVENT,
    }
}
