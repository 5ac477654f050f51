//! What leads somewhere: modules that are used, files that are read.

use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};
use carapace_syntax::TokenKind;
use carapace_syntax::ast::ItemKind;

/// Where something leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A module of the package or the library.
    Module(FileId),
    /// Another file below the source root.
    File(String),
}

/// Something that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What is clicked on.
    pub range: TextRange,
    /// Where it leads.
    pub target: Target,
}

/// All links of a file.
pub fn links(snapshot: &Snapshot, file: FileId) -> Vec<Link> {
    let mut links = Vec::new();
    for (offset, item) in snapshot.items(file) {
        if let ItemKind::Use(used) = &item.kind {
            let path: Vec<&str> = used.path.names.iter().map(|n| n.text.as_str()).collect();
            if let Some(target) = module(snapshot, &path.join("/")) {
                links.push(Link { range: used.path.range().shift(offset), target: Target::Module(target) });
            }
        }
    }
    links.extend(embedded(snapshot.text(file)));
    links
}

fn module(snapshot: &Snapshot, path: &str) -> Option<FileId> {
    let all = snapshot.checked.sources.files.iter().map(|f| f.id).chain(snapshot.checked.library_files());
    let mut all = all;
    all.find(|file| snapshot.module(*file).is_some_and(|m| **m.module == *path))
}

/// `file("…")`: a text file that becomes part of the flow.
fn embedded(text: &str) -> Vec<Link> {
    let tokens = carapace_syntax::tokens(text);
    let mut links = Vec::new();
    for window in tokens.windows(5) {
        let [name, open, quote, chunk, close] = window else { continue };
        let shape = name.kind == TokenKind::Word
            && name.text(text) == "file"
            && matches!(open.kind, TokenKind::Open(_))
            && quote.kind == TokenKind::TextOpen
            && chunk.kind == TokenKind::TextChunk
            && close.kind == TokenKind::TextClose;
        if shape {
            let target = Target::File(chunk.text(text).to_owned());
            links.push(Link { range: TextRange::new(chunk.start, chunk.end), target });
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    #[test]
    fn uses_and_embedded_files_lead_somewhere() {
        let f = fixture(
            "use shop/orders\nuse std/text\nuse gone\nconst a = file(\"words.md\")\n//- shop/orders.flow\nconst b = 1\n",
        );
        let found = links(&f.snapshot, f.file);
        let words: Vec<&str> = found.iter().map(|l| f.slice(l.range)).collect();
        assert_eq!(words, ["shop/orders", "std/text", "words.md"]);
        assert_eq!(found[2].target, Target::File("words.md".to_owned()));
        let Target::Module(orders) = found[0].target else { panic!("a module") };
        assert_eq!(&**f.snapshot.module(orders).unwrap().name, "shop/orders.flow");
    }
}
