//! `textDocument/hover`.

use crate::features::hover;
use crate::server::{Answer, Session};
use std::time::{SystemTime, UNIX_EPOCH};
use tower_lsp::ls_types::*;

pub(crate) fn hover(session: &mut Session, params: &HoverParams) -> Answer<Option<Hover>> {
    let at = &params.text_document_position_params;
    if let Some(said) = super::configuration::hover(session, at) {
        return Ok(said);
    }
    let subject = session.subject(&at.text_document.uri)?;
    let offset = session.offset(&subject, at.position);
    let said = hover::hover(&subject.snapshot, subject.file, offset, now());
    Ok(said.map(|said| Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: said.text }),
        range: Some(session.range(&subject.snapshot, subject.file, said.range)),
    }))
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
