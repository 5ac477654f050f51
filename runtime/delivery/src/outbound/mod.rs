//! What a run asks for, in the channel's words: the requests that an act is made of.

mod content;
mod plan;

pub(crate) use plan::{Plan, Unplannable, plan};
