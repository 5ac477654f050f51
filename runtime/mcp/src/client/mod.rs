//! Servers whose tools flows and agents call.

mod options;
mod patterns;

mod address;
mod environment;
mod listener;
mod program;

mod known;
mod pinned;
mod standing;

mod link;

mod call;
mod plain;
mod report;
mod service;

pub use options::{Given, Limits, Options, Server, Way};
pub use patterns::Patterns;
pub use service::{Handle, Service};
pub use standing::{Described, State, Status, Taken};
