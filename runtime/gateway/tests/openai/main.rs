//! OpenAI's API before a whole engine on a journal in memory, over real sockets: with requests written by hand, and with the
//! official client for Python.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise, and says which seed it has or why it is skipped"
)]

mod answers;
mod client;
mod failures;
mod junk;
mod kept;
mod models;
mod streams;
mod world;
