//! `POST /v1/chat/completions` (platform.openai.com/docs/api-reference/chat).

mod complete;
mod request;
mod stream;
mod whole;

pub(super) use complete::complete;
