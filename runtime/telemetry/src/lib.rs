//! What runs did, as spans for a collector of OpenTelemetry.
//!
//! A run is a trace, each of its operations a span, read from the journal beside the engine once a line is durable. What is told is
//! made of types of our own that hold names, kinds and times and nothing else: of what was said no byte is even read. While the
//! collector is away the journal is what waits for it, and nothing grows.
//!
//! Deliberately not here: metrics, which Prometheus fetches, logs, and spans of what is in no journal.

mod client;
mod error;
mod ids;
mod mark;
mod options;
mod page;
mod projector;
mod record;
mod run;
mod service;
mod span;

pub use error::{Error, Notice};
pub use options::{Headers, Options, Sample, Tell};
pub use service::{Handle, Service};
