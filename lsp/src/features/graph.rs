//! The picture of the flow in which the cursor stands.

use crate::workspace::Snapshot;
use carapace_diagnostic::{FileId, TextRange};

/// A flow as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The flow.
    pub name: String,
    /// All of it, in the source.
    pub range: TextRange,
    /// Drawn.
    pub svg: String,
    /// As Mermaid draws it, for documents.
    pub mermaid: String,
}

/// The flow or tool at an offset; none between them.
pub fn at(snapshot: &Snapshot, file: FileId, offset: u32) -> Option<Picture> {
    let placed = snapshot.item_at(file, offset)?;
    let graph = carapace_graph::graph_of(&placed.item)?;
    let name = placed.item.name.as_ref().map(|n| n.text.clone()).unwrap_or_default();
    let graphs = [graph];
    Some(Picture {
        name,
        range: placed.item.range.shift(placed.offset),
        svg: carapace_graph::svg(&graphs),
        mermaid: carapace_graph::mermaid(&graphs),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture::fixture;

    #[test]
    fn the_flow_at_the_cursor_is_drawn() {
        let f = fixture("channel chat: any\nflow a on chat.message {\n  rep$0ly(\"hello\")\n}\n");
        let picture = at(&f.snapshot, f.file, f.offset).unwrap();
        assert_eq!(picture.name, "a");
        assert!(picture.svg.contains("<svg") && picture.svg.contains("reply"), "{}", picture.svg);
        assert!(picture.mermaid.contains("reply"));
    }

    #[test]
    fn where_no_flow_is_nothing_is_drawn() {
        let f = fixture("cha$0nnel chat: any\n");
        assert_eq!(at(&f.snapshot, f.file, f.offset), None);
    }
}
