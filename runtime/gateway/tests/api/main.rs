//! What can be asked over the network, over real sockets, of a whole engine on a journal in memory.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise, and says which seed it has"
)]

mod events;
mod figures;
mod health;
mod junk;
mod rest;
mod scopes;
mod socket;
mod world;
