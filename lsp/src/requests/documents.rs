//! What the editor tells: files opened, edited, saved, closed, changed on disk.

use crate::server::Session;
use crate::workspace::{Change, Place};
use std::path::Path;
use tower_lsp::ls_types::*;

/// `textDocument/didOpen`.
pub(crate) fn opened(session: &mut Session, params: DidOpenTextDocumentParams) {
    let document = params.text_document;
    let Ok(path) = session.path(&document.uri) else { return };
    session.opened(&path, &document.uri);
    session.workspace.open(path.clone(), document.text, document.version);
    super::configuration::publish(session, &path);
}

/// `textDocument/didChange`.
pub(crate) fn changed(session: &mut Session, params: DidChangeTextDocumentParams) {
    let document = params.text_document;
    let Ok(path) = session.path(&document.uri) else { return };
    let place = |p: Position| Place { line: p.line, column: p.character };
    let changes = params.content_changes.into_iter().map(|change| Change {
        range: change.range.map(|r| (place(r.start), place(r.end))),
        text: change.text,
    });
    if !session.workspace.change(&path, changes.collect(), document.version) {
        tracing::warn!(uri = document.uri.as_str(), "a file was edited that was never opened");
        return;
    }
    if super::configuration::publish(session, &path) {
        return;
    }
    session.failures.remove(&path);
    super::diagnostics::publish_quickly(session, &path);
}

/// `textDocument/didSave`: other programs see the file now, and so do modules that embed it.
pub(crate) fn saved(session: &mut Session, params: &DidSaveTextDocumentParams) {
    let Ok(path) = session.path(&params.text_document.uri) else { return };
    session.workspace.disk_changed(&path);
}

/// `textDocument/didClose`.
pub(crate) fn closed(session: &mut Session, params: &DidCloseTextDocumentParams) {
    let Ok(path) = session.path(&params.text_document.uri) else { return };
    super::configuration::take_back(session, &path);
    session.workspace.close(&path);
    session.closed(&path);
}

/// `workspace/didChangeWatchedFiles`.
pub(crate) fn watched(session: &mut Session, params: &DidChangeWatchedFilesParams) {
    for change in &params.changes {
        if let Ok(path) = session.path(&change.uri) {
            session.workspace.disk_changed(&path);
        }
    }
}

/// `workspace/didChangeWorkspaceFolders`.
pub(crate) fn folders(session: &mut Session, params: &DidChangeWorkspaceFoldersParams) {
    let path = |folder: &WorkspaceFolder| session.path(&folder.uri).ok();
    let gone: Vec<_> = params.event.removed.iter().filter_map(path).collect();
    let mut folders = session.workspace.folders().to_vec();
    folders.retain(|folder| !gone.iter().any(|g| g.as_path() == Path::new(folder)));
    folders.extend(params.event.added.iter().filter_map(path));
    session.workspace.set_folders(folders);
}
