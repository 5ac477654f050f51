//! Delivery to channels that do as they are told: what goes out, in which order, how often, and what is said about it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod network;

mod files;
mod heard;
mod hearing;
mod order;
mod pace;
mod patience;
mod previews;
mod said;
