//! `textDocument/selectionRange`.

use crate::features::selection;
use crate::server::{Answer, Session};
use tower_lsp::ls_types::*;

pub(crate) fn selection(
    session: &mut Session,
    params: &SelectionRangeParams,
) -> Answer<Option<Vec<SelectionRange>>> {
    let subject = session.subject(&params.text_document.uri)?;
    let around = |position: &Position| {
        let offset = session.offset(&subject, *position);
        let ranges = selection::ranges(&subject.snapshot, subject.file, offset);
        let outward = ranges.into_iter().rev().fold(None, |parent: Option<SelectionRange>, range| {
            let range = session.range(&subject.snapshot, subject.file, range);
            Some(SelectionRange { range, parent: parent.map(Box::new) })
        });
        outward.unwrap_or_else(|| SelectionRange { range: Range::new(*position, *position), parent: None })
    };
    Ok(Some(params.positions.iter().map(around).collect()))
}
