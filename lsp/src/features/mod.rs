//! What an editor asks about flows: from a file and an offset to data. No protocol, no positions in lines and columns, no disk.
//!
//! One question a file. Each is tested in that file with small sources in which `$0` is the cursor.

pub mod actions;
mod brackets;
pub mod completion;
pub mod folding;
pub mod formatting;
pub mod graph;
pub mod hover;
pub mod lenses;
pub mod links;
pub mod signature;
pub mod symbols;
pub mod tests;

#[cfg(test)]
pub(crate) mod fixture;
