//! Tokens to items, and an item to the plain text that the grammar reads.

mod brackets;
mod items;
mod plain;
mod shape;

pub(crate) use brackets::{Brackets, match_brackets};
pub(crate) use items::{Slice, split};
pub(crate) use plain::{PLAIN_BROKEN, plain_text, put_missing_braces};
pub(crate) use shape::{Mark, Parts, shape};
