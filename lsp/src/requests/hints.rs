//! `textDocument/inlayHint`.

use crate::features::hints::{self, HintKind};
use crate::server::{Answer, Session};
use tower_lsp::ls_types::*;

pub(crate) fn hints(session: &mut Session, params: &InlayHintParams) -> Answer<Option<Vec<InlayHint>>> {
    let subject = session.subject(&params.text_document.uri)?;
    let range = session.bytes(&subject, params.range);
    let at = |offset| {
        session
            .range(&subject.snapshot, subject.file, carapace_diagnostic::TextRange::new(offset, offset))
            .start
    };
    let hint = |hint: hints::Hint| InlayHint {
        position: at(hint.offset),
        label: InlayHintLabel::String(hint.text),
        kind: match hint.kind {
            HintKind::Type => Some(InlayHintKind::TYPE),
            HintKind::Param => Some(InlayHintKind::PARAMETER),
            HintKind::Label | HintKind::Waits => None,
        },
        text_edits: None,
        tooltip: (!hint.about.is_empty()).then_some(InlayHintTooltip::String(hint.about)),
        padding_left: None,
        padding_right: None,
        data: None,
    };
    let found = hints::hints(&subject.snapshot, subject.file, range);
    Ok(Some(found.into_iter().map(hint).collect()))
}
