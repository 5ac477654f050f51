//! What the commands about versions share: the runtime they are for, what is handed to it, and how it is told.

mod candidate;
mod human;
mod target;

pub(crate) use candidate::{Said, candidate, candidates};
pub(crate) use human::{collected, listed, planned, served};
pub(crate) use target::Target;
pub(in crate::commands) use target::problem;
