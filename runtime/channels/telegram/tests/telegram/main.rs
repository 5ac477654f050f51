//! The adapter against a Bot API server.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[path = "../simulator/mod.rs"]
mod simulator;

mod bot;

mod conformance;
mod groups;
mod hearing;
mod junk;
mod menu;
mod network;
mod pairing;
mod peer;
mod roles;
mod speaking;
mod token;
mod webhook;
