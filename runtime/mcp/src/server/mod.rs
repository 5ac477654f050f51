//! What a runtime lets be called, offered to programs that speak the protocol.

mod runtime;

mod handler;
mod result;

mod endpoint;
mod stdio;

pub use endpoint::Endpoint;
pub use runtime::{Ended, Offered, Refusal, Runtime};
pub use stdio::{Error, serve};
