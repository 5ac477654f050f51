//! Names and the numbers of nodes.

use carapace_diagnostic::TextRange;

/// The number of an expression, statement, pattern or type inside its item, counted in source order from 0.
/// Facts about a node are kept beside the tree, under this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A name as written. An empty text stands for a name that is missing (the parser has told so).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// The characters.
    pub text: String,
    /// Where, from the item's start.
    pub range: TextRange,
}

/// `shop/orders` in `use`, `orders.Order` and `Severity` elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    /// One or more names.
    pub names: Vec<Name>,
}

impl Path {
    /// From the first name to the last.
    pub fn range(&self) -> TextRange {
        let first = self.names.first().map(|n| n.range).unwrap_or_default();
        self.names.last().map_or(first, |n| first.cover(n.range))
    }
}
