//! The call hierarchy: `textDocument/prepareCallHierarchy`, `callHierarchy/incomingCalls`, `callHierarchy/outgoingCalls`.

use crate::features::calls::{self, Callee, Calls};
use crate::server::{Answer, Session, Subject};
use carapace_check::{DefinitionSite, NameKind};
use carapace_diagnostic::Span;
use tower_lsp::ls_types::*;

pub(crate) fn prepare(
    session: &mut Session,
    params: &CallHierarchyPrepareParams,
) -> Answer<Option<Vec<CallHierarchyItem>>> {
    let at = &params.text_document_position_params;
    let subject = session.whole_subject(&at.text_document.uri)?;
    let offset = session.offset(&subject, at.position);
    let found = calls::prepare(&subject.snapshot, subject.file, offset);
    let item = found.and_then(|callee| item(session, &subject, &subject, callee));
    Ok(item.map(|item| vec![item]))
}

pub(crate) fn incoming(
    session: &mut Session,
    params: &CallHierarchyIncomingCallsParams,
) -> Answer<Option<Vec<CallHierarchyIncomingCall>>> {
    let Some((subject, site)) = again(session, &params.item)? else { return Ok(None) };
    let calls = calls::incoming(&subject.snapshot, site).into_iter().filter_map(|calls| {
        let from_ranges = ranges(session, &subject, &calls);
        Some(CallHierarchyIncomingCall { from: item(session, &subject, &subject, calls.other)?, from_ranges })
    });
    Ok(Some(calls.collect()))
}

pub(crate) fn outgoing(
    session: &mut Session,
    params: &CallHierarchyOutgoingCallsParams,
) -> Answer<Option<Vec<CallHierarchyOutgoingCall>>> {
    let Some((subject, site)) = again(session, &params.item)? else { return Ok(None) };
    let calls = calls::outgoing(&subject.snapshot, site).into_iter().filter_map(|calls| {
        let from_ranges = ranges(session, &subject, &calls);
        Some(CallHierarchyOutgoingCall { to: item(session, &subject, &subject, calls.other)?, from_ranges })
    });
    Ok(Some(calls.collect()))
}

/// What an item was that the editor got earlier: the package in which it was asked about, and the name's place.
fn again(session: &mut Session, item: &CallHierarchyItem) -> Answer<Option<(Subject, DefinitionSite)>> {
    let asked = item.data.as_ref().and_then(|data| serde_json::from_value::<Uri>(data.clone()).ok());
    let subject = session.whole_subject(asked.as_ref().unwrap_or(&item.uri))?;
    let path = session.path(&item.uri)?;
    let Some(file) = session.file_in(&subject.snapshot, &path) else { return Ok(None) };
    let there = Subject { file, ..subject };
    let range = session.bytes(&there, item.selection_range);
    let site = DefinitionSite { span: Span::new(file, range) };
    Ok(Some((there, site)))
}

fn ranges(session: &Session, subject: &Subject, calls: &Calls) -> Vec<Range> {
    calls.places.iter().map(|span| session.range(&subject.snapshot, span.file, span.range)).collect()
}

fn item(session: &Session, subject: &Subject, asked: &Subject, callee: Callee) -> Option<CallHierarchyItem> {
    let file = callee.site.span.file;
    Some(CallHierarchyItem {
        name: callee.name,
        kind: match callee.kind {
            NameKind::Flow => SymbolKind::EVENT,
            NameKind::Tool => SymbolKind::METHOD,
            NameKind::Effect => SymbolKind::INTERFACE,
            _ => SymbolKind::FUNCTION,
        },
        tags: None,
        detail: (!callee.signature.is_empty()).then_some(callee.signature),
        uri: session.file_uri(&subject.snapshot, file)?,
        range: session.range(&subject.snapshot, file, callee.range),
        selection_range: session.range(&subject.snapshot, file, callee.site.span.range),
        data: session.uri(&asked.path).and_then(|uri| serde_json::to_value(uri).ok()),
    })
}
