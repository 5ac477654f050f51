//! The promises of the runtime under faults, over every example: a real engine with the real machine, in a world that
//! loses power between any two lines, repeats itself, answers late, twice or never, and whose clock jumps.
//!
//! Everything is made of a seed; a failure names the example. `ledger.rs` says what must hold of every journal, and
//! looks at each line as it is written; `platform.rs` says it of what arrives outside.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says how much it has seen"
)]

mod chance;
mod clocks;
mod events;
mod late;
mod ledger;
mod package;
mod platform;
mod power;
mod repeated;
mod replay;
mod values;
mod world;
