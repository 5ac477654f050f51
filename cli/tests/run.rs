//! `carapace run` as people use it: from a pipe, at a terminal, after a power cut, and with mistakes.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod talk;

#[path = "run/mistakes.rs"]
mod mistakes;
#[path = "run/prompt.rs"]
mod prompt;
#[path = "run/survival.rs"]
mod survival;
