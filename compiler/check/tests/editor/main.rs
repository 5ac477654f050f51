//! What an editor is told of names, types, calls and scopes.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise"
)]
#![expect(clippy::disallowed_methods, reason = "the examples are files")]

#[path = "../support/mod.rs"]
mod support;

mod asked;
mod coverage;
mod inside;
mod outlines;
mod references;
mod renamed;
