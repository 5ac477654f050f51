//! What the editor asks: the type and the definition at a node. Kept beside the tree, in the order in which they were
//! found, and only where they are wanted.

use carapace_diagnostic::{FileId, Span};
use carapace_module::Type;
use carapace_syntax::ast::NodeId;

/// Where a name is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DefinitionSite {
    /// The name's own place.
    pub span: Span,
}

/// What is known about a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Its type.
    Type(Type),
    /// Where what it names is declared.
    Definition(DefinitionSite),
}

/// Facts about the nodes of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemFacts {
    /// The item's file.
    pub file: FileId,
    /// The item's first byte.
    pub offset: u32,
    /// The facts, in the order of discovery.
    pub nodes: Vec<(NodeId, Fact)>,
}

/// All facts of a check.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// By item; an item whose body was looked at twice may stand here twice.
    pub items: Vec<ItemFacts>,
}
