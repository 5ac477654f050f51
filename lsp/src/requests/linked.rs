//! `textDocument/linkedEditingRange`.

use crate::features::linked;
use crate::server::{Answer, Session};
use tower_lsp::ls_types::*;

pub(crate) fn linked(
    session: &mut Session,
    params: &LinkedEditingRangeParams,
) -> Answer<Option<LinkedEditingRanges>> {
    let at = &params.text_document_position_params;
    let subject = session.subject(&at.text_document.uri)?;
    let offset = session.offset(&subject, at.position);
    let ranges = linked::ranges(&subject.snapshot, subject.file, offset).into_iter();
    let ranges: Vec<Range> = ranges.map(|r| session.range(&subject.snapshot, subject.file, r)).collect();
    Ok((ranges.len() > 1).then_some(LinkedEditingRanges { ranges, word_pattern: None }))
}
