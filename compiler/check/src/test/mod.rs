//! Test blocks: each statement becomes a request to the simulated world.

mod calls;
mod expect;
mod given;
mod item;
mod when;

pub use expect::{STATUSES, VERBS};
pub use when::ANSWERS;
