//! `POST /v1/responses` (platform.openai.com/docs/api-reference/responses).
//!
//! Nothing is kept between requests: a conversation is what a request has as its `input`.

mod items;
mod request;
mod respond;
mod stream;
mod whole;

pub(super) use respond::respond;
