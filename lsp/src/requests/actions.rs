//! `textDocument/codeAction`.

use crate::features::actions::{self, Action, ActionKind, Here};
use crate::server::{Answer, Session, Subject};
use std::collections::HashMap;
use tower_lsp::ls_types::*;

/// The kinds that are offered.
pub(crate) const KINDS: [CodeActionKind; 7] = [
    CodeActionKind::QUICKFIX,
    CodeActionKind::REFACTOR_REWRITE,
    CodeActionKind::REFACTOR_EXTRACT,
    CodeActionKind::REFACTOR_INLINE,
    CodeActionKind::SOURCE,
    CodeActionKind::SOURCE_ORGANIZE_IMPORTS,
    CodeActionKind::SOURCE_FIX_ALL,
];

pub(crate) fn actions(
    session: &mut Session,
    params: &CodeActionParams,
) -> Answer<Option<CodeActionResponse>> {
    // Repairs, and whether a constant may become a setting, depend on all of the package.
    let subject = session.whole_subject(&params.text_document.uri)?;
    let selection = session.bytes(&subject, params.range);
    let here = Here { snapshot: &subject.snapshot, file: subject.file, selection };
    let wanted = |action: &Action| {
        let Some(only) = &params.context.only else { return true };
        let kind = kind(action.kind);
        only.iter()
            .any(|o| kind.as_str() == o.as_str() || kind.as_str().starts_with(&format!("{}.", o.as_str())))
    };
    let found = actions::actions(here).into_iter().filter(wanted);
    Ok(Some(found.map(|a| CodeActionOrCommand::CodeAction(action(session, &subject, params, a))).collect()))
}

fn action(session: &Session, subject: &Subject, params: &CodeActionParams, a: Action) -> CodeAction {
    let mended = params.context.diagnostics.iter().filter(|d| match &d.code {
        Some(NumberOrString::String(code)) => a.mends.contains(&code.as_str()),
        _ => false,
    });
    let mended: Vec<Diagnostic> = mended.cloned().collect();
    let mut changes = HashMap::new();
    for (file, replacements) in &a.edits {
        let Some(uri) = session.file_uri(&subject.snapshot, *file) else { continue };
        let edits = replacements.iter().map(|r| TextEdit {
            range: session.range(&subject.snapshot, *file, r.range),
            new_text: r.text.clone(),
        });
        changes.insert(uri, edits.collect());
    }
    CodeAction {
        title: a.title,
        kind: Some(kind(a.kind)),
        is_preferred: (a.kind == ActionKind::Fix && a.id == "fix").then_some(true),
        diagnostics: (!mended.is_empty()).then_some(mended),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    }
}

fn kind(of: ActionKind) -> CodeActionKind {
    match of {
        ActionKind::Fix => CodeActionKind::QUICKFIX,
        ActionKind::Rewrite => CodeActionKind::REFACTOR_REWRITE,
        ActionKind::Extract => CodeActionKind::REFACTOR_EXTRACT,
        ActionKind::Inline => CodeActionKind::REFACTOR_INLINE,
        ActionKind::Source => CodeActionKind::SOURCE,
        ActionKind::Organize => CodeActionKind::SOURCE_ORGANIZE_IMPORTS,
        ActionKind::FixAll => CodeActionKind::SOURCE_FIX_ALL,
    }
}
