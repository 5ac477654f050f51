//! `textDocument/foldingRange`.

use crate::features::folding::{FoldKind, folds};
use crate::server::{Answer, Session};
use tower_lsp::ls_types::*;

pub(crate) fn folding(
    session: &mut Session,
    params: &FoldingRangeParams,
) -> Answer<Option<Vec<FoldingRange>>> {
    let subject = session.subject(&params.text_document.uri)?;
    let ranges = folds(&subject.snapshot, subject.file).into_iter().map(|fold| {
        let range = session.range(&subject.snapshot, subject.file, fold.range);
        let (end_line, kind) = match fold.kind {
            // The line of the closing bracket stays.
            FoldKind::Block => (range.end.line.saturating_sub(1), None),
            FoldKind::Comment => (range.end.line, Some(FoldingRangeKind::Comment)),
            FoldKind::Uses => (range.end.line, Some(FoldingRangeKind::Imports)),
        };
        FoldingRange { start_line: range.start.line, end_line, kind, ..FoldingRange::default() }
    });
    Ok(Some(ranges.filter(|f| f.start_line < f.end_line).collect()))
}
