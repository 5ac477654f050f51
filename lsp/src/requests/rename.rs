//! `textDocument/prepareRename` and `textDocument/rename`.

use crate::features::rename;
use crate::server::{Answer, Session, refused};
use std::collections::HashMap;
use tower_lsp::ls_types::*;

/// The name under which the editor shows that a runtime keeps things by the old name.
const KEPT: &str = "kept-under-the-old-name";

pub(crate) fn prepare(
    session: &mut Session,
    at: &TextDocumentPositionParams,
) -> Answer<Option<PrepareRenameResponse>> {
    let subject = session.whole_subject(&at.text_document.uri)?;
    let offset = session.offset(&subject, at.position);
    let prepared = rename::prepare(&subject.snapshot, subject.file, offset).map_err(refused)?;
    let range = session.range(&subject.snapshot, subject.file, prepared.range);
    Ok(Some(PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: prepared.name }))
}

pub(crate) fn rename(session: &mut Session, params: &RenameParams) -> Answer<Option<WorkspaceEdit>> {
    let at = &params.text_document_position;
    let subject = session.whole_subject(&at.text_document.uri)?;
    let offset = session.offset(&subject, at.position);
    let package = session.workspace.package_of(&subject.path);
    let check =
        |texts: &[(carapace_diagnostic::FileId, String)]| package.with_texts(&subject.snapshot, texts);
    let renamed =
        rename::rename(&subject.snapshot, subject.file, offset, &params.new_name, &check).map_err(refused)?;
    let mut files = Vec::new();
    for (file, replacements) in &renamed.edits {
        let Some(uri) = session.file_uri(&subject.snapshot, *file) else { continue };
        let edits: Vec<TextEdit> = replacements
            .iter()
            .map(|r| TextEdit {
                range: session.range(&subject.snapshot, *file, r.range),
                new_text: r.text.clone(),
            })
            .collect();
        files.push((uri, edits));
    }
    Ok(Some(match renamed.kept.filter(|_| session.agreement.annotations) {
        Some(why) => annotated(files, why),
        None => WorkspaceEdit {
            changes: Some(files.into_iter().collect::<HashMap<_, _>>()),
            ..WorkspaceEdit::default()
        },
    }))
}

/// Edits that the editor shows before it makes them, with the reason.
fn annotated(files: Vec<(Uri, Vec<TextEdit>)>, why: &str) -> WorkspaceEdit {
    let edit = |text_edit| OneOf::Right(AnnotatedTextEdit { text_edit, annotation_id: KEPT.to_owned() });
    let documents = files.into_iter().map(|(uri, edits)| TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version: None },
        edits: edits.into_iter().map(edit).collect(),
    });
    let annotation = ChangeAnnotation {
        label: "a runtime keeps things under this name".to_owned(),
        needs_confirmation: Some(true),
        description: Some(why.to_owned()),
    };
    WorkspaceEdit {
        document_changes: Some(DocumentChanges::Edits(documents.collect())),
        change_annotations: Some(HashMap::from([(KEPT.to_owned(), annotation)])),
        ..WorkspaceEdit::default()
    }
}
