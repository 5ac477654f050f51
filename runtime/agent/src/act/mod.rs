//! From an act to requests, and from answers to what the engine is told.

mod names;
mod setup;
mod shape;
mod skills;

mod messages;
mod turns;

mod ask;
mod choose;
mod extract;
mod nearness;
mod perform;
mod sum_up;
mod think;

pub(crate) use perform::{Asking, perform};
pub use setup::is_effort;
