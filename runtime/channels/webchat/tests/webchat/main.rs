//! WebChat over real sockets, from outside: what a page sees, and what a stranger does not.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod bot;
mod page;
#[path = "../browser/peers.rs"]
mod peers;
mod server;

mod browser;
mod conformance;
mod files;
mod forgetting;
mod receipts;
mod resume;
mod served;
mod strangers;
