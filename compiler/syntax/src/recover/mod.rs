//! One item to its tree, whatever state it is in.
//!
//! The fast path is one parse. When that fails, the blocks of the item are gone through from the inside out: every
//! statement (arm, field, …) is parsed alone, with the blocks in it folded to `{}`, and what fails is taken out of the
//! plain text. Then the header, clause by clause. What remains parses, with error nodes where something was taken out. As
//! every token is looked at once on its own level, the whole is linear.

mod blocks;
mod expected;
mod explain;
mod fold;
mod foreign;
mod item;
mod told;

pub(crate) use item::{ParsedItem, Skeleton, parse_item, skeleton};
