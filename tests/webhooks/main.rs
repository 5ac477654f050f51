//! Webhooks over real sockets: flows, an engine on a journal in memory, and the gateway before it. What a sender sends, and what it
//! is told.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod agree;
mod answers;
mod client;
mod deploys;
mod junk;
mod known;
mod proofs;
mod requests;
mod world;
