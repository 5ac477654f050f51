//! Models are asked: of a script, of servers that do as they are told, and of a server that nobody here wrote.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod bed;
mod http;
mod server;

mod acts;
mod chain;
mod connections;
mod faults;
mod logs;
mod nearness;
mod recorded;
mod steps;
mod streams;
mod summaries;
mod thoughts;
mod wires;
