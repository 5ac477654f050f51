//! `carapace/tests`: the tests of a file or of everything, for an editor's list of tests.

use crate::features::tests;
use crate::server::{Answer, Session};
use crate::workspace::Snapshot;
use carapace_diagnostic::FileId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tower_lsp::ls_types::{Range, TextDocumentIdentifier, Uri};

/// Of which file; of all packages where none is named.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TestsParams {
    #[serde(default)]
    pub(crate) text_document: Option<TextDocumentIdentifier>,
}

/// A test.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TestItem {
    pub(crate) uri: Uri,
    pub(crate) title: String,
    pub(crate) range: Range,
    pub(crate) selection_range: Range,
}

pub(crate) fn tests(session: &mut Session, params: &TestsParams) -> Answer<Vec<TestItem>> {
    if let Some(document) = &params.text_document {
        let subject = session.whole_subject(&document.uri)?;
        return Ok(of_file(session, &subject.snapshot, subject.file));
    }
    let snapshots: Vec<Arc<Snapshot>> = session.workspace.packages_mut().map(|p| p.snapshot()).collect();
    let mut found = Vec::new();
    for snapshot in snapshots {
        for file in snapshot.files() {
            found.extend(of_file(session, &snapshot, file));
        }
    }
    Ok(found)
}

fn of_file(session: &Session, snapshot: &Snapshot, file: FileId) -> Vec<TestItem> {
    let Some(uri) = session.file_uri(snapshot, file) else { return Vec::new() };
    let item = |t: tests::TestItem| TestItem {
        uri: uri.clone(),
        range: session.range(snapshot, file, t.range),
        selection_range: session.range(snapshot, file, t.selection),
        title: t.title,
    };
    tests::tests(snapshot, file).into_iter().map(item).collect()
}
