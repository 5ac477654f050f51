//! The server as an editor sees it: messages in, messages out, over a pair of streams.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod actions;
mod bad;
mod client;
mod configuration;
mod documents;
mod navigation;
mod soak;
mod writing;
