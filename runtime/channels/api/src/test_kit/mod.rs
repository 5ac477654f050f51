//! The conformance suite: what every channel owes the runtime, tried on a real adapter.
//!
//! An adapter's test brings a [`Stage`]: a channel on a made-up platform, and a person at the other end of it. Each
//! check gets a stage of its own. [`conform`] runs them all and answers with what was broken, so that one run tells
//! everything.
//!
//! Deliberately not here: what only one kind can do. Its own tests look at that.

mod breach;
mod stage;
mod tape;

mod files;
mod hearing;
mod life;
mod running;
mod speaking;

mod suite;

pub use breach::Breach;
pub use stage::{Abilities, Stage};
pub use suite::conform;
