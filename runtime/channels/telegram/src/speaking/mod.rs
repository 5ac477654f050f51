//! Requests to Telegram, each with an honest outcome.

mod change;
mod files;
mod keyboard;
mod markup;
mod place;
mod poll;
mod preview;
mod refusal;
mod say;
mod speaker;

pub(crate) use speaker::Speaker;
