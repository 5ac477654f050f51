//! `carapace run` as people use it: from a pipe, at a terminal, after a power cut, and with mistakes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[path = "../../runtime/channels/webchat/tests/browser/peers.rs"]
mod peers;
#[expect(dead_code, unused_imports, reason = "its other tests use the rest of it")]
#[path = "../../runtime/channels/telegram/tests/simulator/mod.rs"]
mod simulator;
mod talk;

#[path = "run/agents.rs"]
mod agents;
#[path = "run/browser.rs"]
mod browser;
#[path = "run/data.rs"]
mod data;
#[path = "run/http.rs"]
mod http;
#[path = "run/kills.rs"]
mod kills;
#[path = "run/meaning.rs"]
mod meaning;
#[path = "run/media.rs"]
mod media;
#[path = "run/mistakes.rs"]
mod mistakes;
#[path = "run/prompt.rs"]
mod prompt;
#[path = "run/summaries.rs"]
mod summaries;
#[path = "run/survival.rs"]
mod survival;
#[path = "run/telegram.rs"]
mod telegram;
#[path = "run/webhooks.rs"]
mod webhooks;
