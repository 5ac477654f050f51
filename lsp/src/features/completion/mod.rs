//! What may be written at the cursor.
//!
//! Where nothing whole stands, a name that nobody has is put in its place, and the checker is asked what it is there.

mod agent;
mod blank;
mod complete;
mod cursor;
mod expected;
mod given;
mod member;
mod modules;
mod name;
mod narrow;
mod order;
mod proposal;
mod testing;
mod texts;
mod words;

pub use complete::complete;
pub use order::MOST;
pub use proposal::{Completion, CompletionKind, Docs, docs, edits};
pub use texts::{files, names_a_file};

#[cfg(test)]
mod proposed;
