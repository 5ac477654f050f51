//! Asks models: one request at a time, whoever provides them.
//!
//! [`Service`] performs `agent.ask`, `agent.extract`, `agent.choose`, `exchange.think`, `exchange.sum_up` and
//! `exchange.nearness`: it makes a request of an act, asks the provider that the agent's `model` names, or the next one where that cannot be had, and reports what came of it and
//! what it used up. The wires of providers are `genai`'s, of which nobody else sees anything; a provider may also be a script
//! or a recording. Deliberately not here: the loop in which an agent calls tools (a library flow in the run that asks),
//! budgets (the engine's), calling tools, and what is remembered.

mod error;
mod options;
mod price;

mod breaker;
mod progress;
mod tally;
mod toolbox;

mod act;
mod models;
mod provider;
mod service;

pub use act::is_effort;
pub use error::Error;
pub use options::{Kind, Options, Provider, Timeouts};
pub use price::Price;
pub use progress::{Delta, Progress};
pub use provider::Embedded;
pub use service::{Handle, Service};
pub use toolbox::{NoTools, Toolbox};
