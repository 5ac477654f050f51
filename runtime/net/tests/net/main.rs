//! The client and the performer against servers on loopback that mean no good.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod guard;
mod honest;
mod limits;
mod media;
mod performer;
mod redirects;
mod server;
mod tls;
