//! The client, with a server that does as it is told, and with one that nobody here wrote.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::zombie_processes,
    reason = "a test stops at the first surprise, says when it is skipped, and is the server, too"
)]

mod acts;
mod calls;
mod changes;
mod everything;
mod peers;
mod server;
