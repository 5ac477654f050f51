//! Who performs `std/http`.

mod call;
mod report;
mod service;

pub use service::{Handle, Service};
