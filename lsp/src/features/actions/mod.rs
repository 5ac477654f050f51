//! What can be done to the source at a place. One file a small family; [`catalog`] lists them all.
//!
//! Each action looks at the tree and the facts around the selection and says what it would replace. Indentation is not its
//! business: what it leaves is brought into the one style, where the item was in it before.

mod action;
mod catalog;
mod change;
mod filler;
mod place;
mod scope;

mod allow;
mod branches;
mod cases;
mod clauses;
mod declarations;
mod extract;
mod fields;
mod fixes;
mod generate;
mod inline;
mod literals;
mod logic;
mod order;
mod steps;
mod suffixes;
mod unresolved;

pub use action::{Action, ActionKind, Here};
pub use catalog::{Known, actions, catalog};
