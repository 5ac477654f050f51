//! `textDocument/signatureHelp`.

use crate::features::signature;
use crate::server::{Answer, Session};
use tower_lsp::ls_types::*;

pub(crate) fn signature(
    session: &mut Session,
    params: &SignatureHelpParams,
) -> Answer<Option<SignatureHelp>> {
    let at = &params.text_document_position_params;
    let subject = session.near_subject(&at.text_document.uri, at.position)?;
    let offset = session.offset(&subject, at.position);
    let Some(found) = signature::signature(&subject.snapshot, subject.file, offset) else { return Ok(None) };
    let active = found.active.and_then(|at| u32::try_from(at).ok());
    let label =
        |text: String| ParameterInformation { label: ParameterLabel::Simple(text), documentation: None };
    let docs = found
        .docs
        .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }));
    let signature = SignatureInformation {
        label: found.label,
        documentation: docs,
        parameters: Some(found.params.into_iter().map(label).collect()),
        active_parameter: active,
    };
    Ok(Some(SignatureHelp {
        signatures: vec![signature],
        active_signature: Some(0),
        active_parameter: active,
    }))
}
