//! Decide and evolve, as tables: what is commanded, and what follows. The flows are compiled ones, the performers and
//! the clock are the test.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod approvals;
mod bench;
mod branches;
mod budgets;
mod chaos;
mod context;
mod deploys;
mod dispatch;
mod growth;
mod header;
mod known;
mod loops;
mod moves;
mod nearness;
mod operations;
mod outbox;
mod previews;
mod requests;
mod retry;
mod runs;
mod sessions;
mod sieve;
mod together;
mod waits;
