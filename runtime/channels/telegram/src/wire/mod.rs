//! Requests to a Bot API server, and what becomes of them.

mod failure;
mod request;
mod token;

pub(crate) use failure::{Failure, Refusal};
pub(crate) use request::{Bytes, File, Wire};
