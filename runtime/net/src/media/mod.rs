//! Files at addresses that flows and people named.

mod files;
mod look;
mod picture;

pub use files::{Bounds, Files};
