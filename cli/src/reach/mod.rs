//! The way to a runtime: through the socket in its data directory, or over the network.
//!
//! Both carry the same calls and give the same answers, so that a command need not know which it is.

mod address;
mod answer;
mod client;
mod http;
mod kept;
#[cfg(unix)]
mod socket;
mod token;
mod websocket;

pub(crate) use address::Address;
pub(crate) use client::Client;
pub(crate) use http::Http;
pub(crate) use kept::Kept;
pub(crate) use token::Token;
pub(crate) use websocket::{Door, Shut, Socket};
