//! The one HTTP server of a runtime: it serves the channels' routes and says whether it lives.
//!
//! It answers only to names that are its own, so that a page of a stranger cannot reach it through a name it made point here; and
//! it listens where other machines reach it only where somebody has a token ([`auth`]). Channels check for themselves who talks
//! to them.
//!
//! Beside it, [`local`] lets the person who runs the runtime look into it and steer it, through a socket in its data
//! directory.
//!
//! [`webhooks`] takes requests of other machines in, for flows.
//!
//! Deliberately not here: encryption, which a proxy does. Not yet: JSON-RPC over WebSocket and the Control UI.

pub mod auth;
mod error;
#[cfg(unix)]
pub mod local;
mod methods;
mod options;
mod routes;
mod rpc;
pub mod webhooks;

mod connections;
mod door;
mod service;

pub use error::Error;
pub use methods::{
    Account, Back, Became, Collected, Deployed, Deployments, Hidden, MessageNamed, Methods, Moves, Request,
    RunNamed, Started,
};
pub use options::Options;
pub use routes::{Routes, document};
pub use service::{Handle, Service};
