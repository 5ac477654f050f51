//! The one HTTP server of a runtime: it serves the channels' routes and says whether it lives.
//!
//! It listens on this machine only, for now, and answers only to names of this machine, so that a page of a stranger
//! cannot reach it through a name it made point here. Channels check for themselves who talks to them.
//!
//! Beside it, [`local`] lets the person who runs the runtime look into it and steer it, through a socket in its data
//! directory.
//!
//! Deliberately not here yet: a door for other machines, JSON-RPC over WebSocket, webhooks and the Control UI.

pub mod auth;
mod error;
#[cfg(unix)]
pub mod local;
mod methods;
mod options;
mod routes;
mod rpc;

mod connections;
mod door;
mod service;

pub use error::Error;
pub use methods::{Account, Back, Became, Collected, Deployed, Deployments, Methods, Moves, Request};
pub use options::Options;
pub use routes::Routes;
pub use service::{Handle, Service};
