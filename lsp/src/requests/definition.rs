//! `textDocument/definition`, `declaration`, `typeDefinition` and `implementation`.

use crate::features::definition::{self, Found};
use crate::server::{Answer, Session};
use crate::workspace::Snapshot;
use carapace_diagnostic::FileId;
use tower_lsp::ls_types::*;

type Ask = fn(&Snapshot, FileId, u32) -> Found;

pub(crate) fn definition(
    session: &mut Session,
    params: &GotoDefinitionParams,
) -> Answer<Option<GotoDefinitionResponse>> {
    goto(session, &params.text_document_position_params, definition::definition)
}

pub(crate) fn type_definition(
    session: &mut Session,
    params: &GotoDefinitionParams,
) -> Answer<Option<GotoDefinitionResponse>> {
    goto(session, &params.text_document_position_params, definition::type_definition)
}

pub(crate) fn implementation(
    session: &mut Session,
    params: &GotoDefinitionParams,
) -> Answer<Option<GotoDefinitionResponse>> {
    goto(session, &params.text_document_position_params, definition::implementation)
}

fn goto(
    session: &mut Session,
    at: &TextDocumentPositionParams,
    ask: Ask,
) -> Answer<Option<GotoDefinitionResponse>> {
    let subject = session.subject(&at.text_document.uri)?;
    let offset = session.offset(&subject, at.position);
    let found = ask(&subject.snapshot, subject.file, offset);
    let places = found.places.iter().filter_map(|span| session.location(&subject.snapshot, *span));
    let places: Vec<Location> = places.collect();
    if !session.agreement.location_links {
        return Ok((!places.is_empty()).then_some(GotoDefinitionResponse::Array(places)));
    }
    let origin = session.range(&subject.snapshot, subject.file, found.origin);
    let links = places.into_iter().map(|place| LocationLink {
        origin_selection_range: Some(origin),
        target_uri: place.uri,
        target_range: place.range,
        target_selection_range: place.range,
    });
    let links: Vec<LocationLink> = links.collect();
    Ok((!links.is_empty()).then_some(GotoDefinitionResponse::Link(links)))
}
