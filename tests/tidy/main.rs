//! Rules of the house that a machine can check. Each failure names the file, the rule and the way out.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod codes;
mod dependencies;
mod layers;
mod readme;
mod sizes;
mod tree;
mod words;
