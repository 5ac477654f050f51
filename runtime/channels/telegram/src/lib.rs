//! Telegram bots.
//!
//! Updates are fetched by long polling or come by webhook, are read by [`reading`], let in by the account's gate and pushed one
//! after the other; only then does Telegram hear that they arrived ([`hearing`]). Requests are `teloxide`'s typed ones
//! ([`speaking`]), over a wire of our own ([`wire`]): an outcome has to be honest, a token must stand in no error, and what a
//! stranger sends must cost at most one update (`docs/decisions/0044-telegram-over-our-own-wire.md`).
//!
//! Deliberately not here: pace, retries, cutting long texts (`delivery`), and what a Telegram bot can do
//! (`stdlib/kinds/telegram.flow`).

mod options;
mod part;
mod wire;

mod checkup;
mod hearing;
mod memory;
mod reading;
mod speaking;

mod telegram;

pub use options::{Mode, Options};
pub use telegram::Telegram;
