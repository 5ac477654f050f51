//! The simulated world with scripted code: what tests see of it, without a compiler or a machine.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod scripted;
mod steps;
