//! `textDocument/references` and `textDocument/documentHighlight`.

use crate::features::references;
use crate::server::{Answer, Session};
use carapace_check::Role;
use tower_lsp::ls_types::*;

pub(crate) fn references(session: &mut Session, params: &ReferenceParams) -> Answer<Option<Vec<Location>>> {
    let at = &params.text_document_position;
    let subject = session.whole_subject(&at.text_document.uri)?;
    let offset = session.offset(&subject, at.position);
    let with = params.context.include_declaration;
    let places = references::references(&subject.snapshot, subject.file, offset, with);
    Ok(Some(places.iter().filter_map(|p| session.location(&subject.snapshot, p.span)).collect()))
}

pub(crate) fn highlights(
    session: &mut Session,
    params: &DocumentHighlightParams,
) -> Answer<Option<Vec<DocumentHighlight>>> {
    let at = &params.text_document_position_params;
    let subject = session.whole_subject(&at.text_document.uri)?;
    let offset = session.offset(&subject, at.position);
    let places = references::highlights(&subject.snapshot, subject.file, offset);
    let highlight = |p: &references::Place| DocumentHighlight {
        range: session.range(&subject.snapshot, subject.file, p.span.range),
        kind: Some(match p.role {
            Role::Use => DocumentHighlightKind::READ,
            Role::Write => DocumentHighlightKind::WRITE,
            Role::Declaration => DocumentHighlightKind::TEXT,
        }),
    };
    Ok(Some(places.iter().map(highlight).collect()))
}
