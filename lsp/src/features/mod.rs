//! What an editor asks about flows: from a file and an offset to data. No protocol, no positions in lines and columns, no disk.
//!
//! One question a file. Each is tested in that file with small sources in which `$0` is the cursor.

pub mod actions;
mod brackets;
pub mod calls;
pub mod completion;
pub mod configuration;
pub mod definition;
pub mod folding;
pub mod formatting;
pub mod graph;
pub mod hints;
pub mod hover;
pub mod lenses;
pub mod linked;
pub mod links;
pub mod references;
pub mod rename;
pub mod selection;
pub mod signature;
pub mod symbols;
pub mod tests;
pub mod tokens;

#[cfg(test)]
pub(crate) mod fixture;
