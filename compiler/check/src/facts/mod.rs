//! What the editor asks of a check: what every name stands for, the types and labels of expressions, what calls hand
//! over, which names are in scope where. Kept beside the tree, by item, and only where they are wanted.

mod declare;
mod fact;
mod header;
mod note;
mod sites;

pub use fact::{
    Argument, Call, DefinitionSite, Facts, Header, ItemFacts, Labels, LocalName, NameKind, Reference, Role,
};
pub(crate) use note::Notes;
