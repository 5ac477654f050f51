//! `textDocument/documentLink`.

use crate::features::links::{self, Target};
use crate::server::{Answer, Session};
use tower_lsp::ls_types::*;

pub(crate) fn links(session: &mut Session, params: &DocumentLinkParams) -> Answer<Option<Vec<DocumentLink>>> {
    let subject = session.subject(&params.text_document.uri)?;
    let links = links::links(&subject.snapshot, subject.file).into_iter().map(|link| DocumentLink {
        range: session.range(&subject.snapshot, subject.file, link.range),
        target: match link.target {
            Target::Module(file) => session.file_uri(&subject.snapshot, file),
            Target::File(name) => session.uri(&subject.snapshot.root.folder.join(name)),
        },
        tooltip: None,
        data: None,
    });
    Ok(Some(links.collect()))
}
