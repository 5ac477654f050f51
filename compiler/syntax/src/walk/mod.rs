//! The tree as one kind of thing: every part of an item is a [`Node`] with a range and children in the order of the
//! source.
//!
//! For whoever asks where something stands (an editor's cursor, the names of a file), and not what it means.

mod expr;
mod item;
mod library;
mod node;
mod path;
mod stmt;
mod testing;

pub use node::{Node, walk};
pub use path::path_at;
