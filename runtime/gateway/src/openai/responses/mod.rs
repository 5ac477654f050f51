//! `POST /v1/responses` (platform.openai.com/docs/api-reference/responses).
//!
//! A response is kept where that is not declined, so that a later request goes on behind it.

mod items;
mod request;
mod respond;
mod stored;
mod stream;
mod whole;

pub(super) use respond::respond;
pub(super) use stored::{remove, show};
