//! `carapace/graph`: the flow at a position, drawn. An editor asks again when the cursor moves.

use crate::features::graph;
use crate::server::{Answer, Session};
use serde::{Deserialize, Serialize};
use tower_lsp::ls_types::{Position, Range, TextDocumentIdentifier};

/// Where the cursor stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GraphParams {
    pub(crate) text_document: TextDocumentIdentifier,
    pub(crate) position: Position,
}

/// The picture.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Picture {
    pub(crate) name: String,
    pub(crate) range: Range,
    pub(crate) svg: String,
    pub(crate) mermaid: String,
}

pub(crate) fn graph(session: &mut Session, params: &GraphParams) -> Answer<Option<Picture>> {
    let subject = session.subject(&params.text_document.uri)?;
    let offset = session.offset(&subject, params.position);
    Ok(graph::at(&subject.snapshot, subject.file, offset).map(|picture| Picture {
        range: session.range(&subject.snapshot, subject.file, picture.range),
        name: picture.name,
        svg: picture.svg,
        mermaid: picture.mermaid,
    }))
}
