//! Tokens to items, and an item to the plain text that the grammar reads.

mod brackets;
mod items;
mod plain;
mod shape;

pub(crate) use brackets::{Brackets, MAX_DEPTH, match_brackets};
pub(crate) use items::{Slice, is_item_keyword, split};
pub(crate) use plain::{PLAIN_BROKEN, plain_text, put_missing_braces};
pub(crate) use shape::{Mark, Parts, shape};
