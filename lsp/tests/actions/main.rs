//! The code actions: each on small sources, all of them on every example, and their page of the documentation.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod cases;
mod page;
mod source;
mod sweep;
