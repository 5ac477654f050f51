//! Requests of other machines, for flows `on webhook(…)`.
//!
//! A package's path `/github` is served at `/hooks/PACKAGE/github`: two packages never want the same address, and an author knows
//! it before anything is deployed. What is served follows what is deployed, without a restart.
//!
//! The order is that of trust: a request proves where it comes from ([`signature`]) before anything of its body is read; the body
//! has to be what some flow there takes before anything starts; and what starts is durable before the sender is told. Deliberately
//! not here: who gets an event, what is remembered of it and what a flow may answer; the engine says that, as it does in tests.

mod address;
mod answer;
mod body;
mod door;
mod id;
mod open;
mod options;
mod problem;
mod seen;
mod service;
mod signature;
mod tell;

pub use address::{Address, addresses};
pub use options::Options;
pub use service::Webhooks;
