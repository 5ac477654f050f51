//! One item to its tree, whatever state it is in.

mod item;

pub(crate) use item::{ParsedItem, parse_item};
