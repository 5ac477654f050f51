//! The start of a session.

use crate::server::agreement::Agreement;
use crate::server::offer::offer;
use crate::server::{Answer, Session};
use std::path::PathBuf;
use tower_lsp::Client;
use tower_lsp::ls_types::*;

/// `initialize`: what both can do, and which folders are open.
pub(crate) fn initialize(
    session: &mut Session,
    agreement: Agreement,
    params: &InitializeParams,
) -> Answer<InitializeResult> {
    session.workspace.encoding = agreement.encoding;
    let capabilities = offer(&agreement);
    session.agreement = agreement;
    let folders = folders(session, params);
    session.workspace.set_folders(folders);
    Ok(InitializeResult {
        capabilities,
        server_info: Some(ServerInfo { name: "carapace".to_owned(), version: Some(session.version.clone()) }),
        offset_encoding: None,
    })
}

fn folders(session: &Session, params: &InitializeParams) -> Vec<PathBuf> {
    let listed = params.workspace_folders.iter().flatten().map(|f| &f.uri);
    let mut folders: Vec<PathBuf> = listed.filter_map(|uri| session.path(uri).ok()).collect();
    // Older editors name one folder this way.
    #[expect(deprecated, reason = "editors that send it know nothing newer")]
    if folders.is_empty() {
        folders.extend(params.root_uri.as_ref().and_then(|uri| session.path(uri).ok()));
    }
    folders
}

/// Asks the editor to say when files change on disk: by `git`, by another editor, by `carapace fmt`.
pub(crate) async fn watch(client: &Client) {
    let watchers = ["**/*.flow", "**/carapace.json5"]
        .map(|glob| FileSystemWatcher { glob_pattern: GlobPattern::String(glob.to_owned()), kind: None });
    let options = DidChangeWatchedFilesRegistrationOptions { watchers: watchers.to_vec() };
    let registration = Registration {
        id: "carapace-files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    // An editor that cannot watch says so here; then what is open is all that is known to change.
    let _ = client.register_capability(vec![registration]).await;
}
