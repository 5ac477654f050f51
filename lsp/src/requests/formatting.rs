//! Formatting: of a document, of a range, and after a `}`.

use crate::features::formatting::{self, Replacement};
use crate::server::{Answer, Session};
use crate::workspace::Lines;
use std::path::Path;
use tower_lsp::ls_types::*;

/// `textDocument/formatting`.
pub(crate) fn document(
    session: &mut Session,
    params: &DocumentFormattingParams,
) -> Answer<Option<Vec<TextEdit>>> {
    let path = session.path(&params.text_document.uri)?;
    let Some(document) = session.workspace.document(&path) else { return Ok(None) };
    let text = std::sync::Arc::clone(document.text());
    Ok(Some(edits(session, &text, &formatting::document(&text))))
}

/// `textDocument/rangeFormatting`.
pub(crate) fn range(
    session: &mut Session,
    params: &DocumentRangeFormattingParams,
) -> Answer<Option<Vec<TextEdit>>> {
    let path = session.path(&params.text_document.uri)?;
    let Some(text) = open_text(session, &path) else { return Ok(None) };
    let lines = Lines::of(&text);
    let start = session.place(params.range.start);
    let end = session.place(params.range.end);
    let at = |place| lines.offset(&text, place, session.workspace.encoding);
    let range = carapace_diagnostic::TextRange::new(at(start.min(end)), at(start.max(end)));
    Ok(Some(edits(session, &text, &formatting::range(&text, range))))
}

/// `textDocument/onTypeFormatting`.
pub(crate) fn on_type(
    session: &mut Session,
    params: &DocumentOnTypeFormattingParams,
) -> Answer<Option<Vec<TextEdit>>> {
    let position = &params.text_document_position;
    let path = session.path(&position.text_document.uri)?;
    let Some(text) = open_text(session, &path) else { return Ok(None) };
    let place = session.place(position.position);
    let offset = Lines::of(&text).offset(&text, place, session.workspace.encoding);
    Ok(Some(edits(session, &text, &formatting::closed(&text, offset))))
}

fn open_text(session: &Session, path: &Path) -> Option<std::sync::Arc<str>> {
    session.workspace.document(path).map(|d| std::sync::Arc::clone(d.text()))
}

fn edits(session: &Session, text: &str, replacements: &[Replacement]) -> Vec<TextEdit> {
    let lines = Lines::of(text);
    let at = |offset| {
        let place = lines.place(text, offset, session.workspace.encoding);
        Position::new(place.line, place.column)
    };
    let edit = |r: &Replacement| TextEdit {
        range: Range::new(at(r.range.start), at(r.range.end)),
        new_text: r.text.clone(),
    };
    replacements.iter().map(edit).collect()
}
