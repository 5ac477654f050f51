//! Between the engine and the channels: what happened on a network becomes an event, what a run asks for becomes requests
//! to a network, and what came of them becomes an honest report.
//!
//! The requests of one conversation go out one after the other, those of different ones side by side. A text that is too
//! long for its network goes out in parts; what the network refuses for now is tried again after a pause, as
//! the network wishes; what did not leave because the channel is away waits for it a moment, and then goes back
//! to the engine, which keeps it. No network is asked more often than its kind declares. What may have happened is said
//! to be unknown.
//!
//! An answer is shown while it is written, where its network can, in the pauses between what is sent.
//!
//! Deliberately not here: deciding to send anything, asking again for what is unknown (the engine does, with the same
//! key), and anything that only one network has.

mod attachment;
mod inbound;
mod outbound;
mod receipt;

mod options;

mod attempt;
mod bring;
mod hearing;
mod lane;
mod pace;
mod preview;
mod replace;
mod service;

pub use hearing::listen;
pub use inbound::event_of;
pub use options::Options;
pub use preview::{Previewed, Words};
pub use receipt::reach_of;
pub use service::{Handle, Service};
