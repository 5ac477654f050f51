//! The one HTTP client that goes where a flow or a stranger's message points.
//!
//! [`Client`] takes an address apart in one way, resolves its host once, looks at each address that came of it, and connects
//! to exactly those; again at each redirect. What it may call says a [`Policy`], how much it takes [`Limits`]. Whether a
//! request may have arrived is in every [`Error`]. [`Service`] performs `std/http` with it, [`Files`] fetches and looks at files.
//!
//! Deliberately not here: deciding to call somebody (flows do), retries (the engine's), serving (`gateway`), and the clients
//! of channels' own networks, whose addresses no stranger chooses.

mod error;

mod guard;
mod limits;

mod answer;
mod client;
mod gate;
mod headers;
mod redirect;
mod resolve;

mod http;
mod media;

pub use client::{Answer, Authority, Call, Client, Options};
pub use error::Error;
pub use guard::{Hosts, Pattern, Place, Policy};
pub use http::{Handle, Service};
pub use limits::Limits;
pub use media::{Bounds, Files};
pub use resolve::{Resolver, System};

/// What a call is made of and with.
pub use reqwest::Method;
