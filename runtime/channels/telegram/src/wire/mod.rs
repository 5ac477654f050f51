//! Requests to a Bot API server, and what becomes of them.

mod failure;
mod token;
mod wire;

pub(crate) use failure::{Failure, Refusal};
pub(crate) use wire::{File, Wire};
