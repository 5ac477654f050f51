//! The formatter: one style, no options, two spaces, 100 columns.
//!
//! It moves tokens and never makes a tree's text anew: every token and comment of the source is in the result, only
//! blanks, line ends and separating commas change, and the clauses of a header are put into their order. What does not
//! parse is taken over as it stands.

mod atoms;
mod file;
mod item;
mod piece;
mod roles;

pub use file::format;
pub(crate) use roles::{Role, roles};
