//! The simulated world of `carapace test`.
//!
//! A test is a function whose statements are requests. Each test gets a world of its own: a real engine, driven by hand,
//! with a clock that only `advance` moves, people that are named, chats that are transcripts, and for everything else
//! the answers that the test gives. Nothing leaves the machine, nothing is random, and the engine can lose its power
//! at every await. Deliberately not here: compiling, reading files, and terminals.

mod agent;
mod coverage;
mod expect;
mod given;
mod happen;
mod host;
mod loaded;
mod matching;
mod notation;
mod people;
mod perform;
pub mod render;
mod report;
mod step;
mod suite;
mod transcript;
mod unheard;
mod world;

pub use coverage::{Coverage, Missed, Why};
pub use loaded::{LoadError, Loaded};
pub use report::{Difference, FailureClass, SuiteReport, TestFailure, TestReport};
pub use suite::{Bounds, Options, run, run_test};
pub use transcript::{Entry, Happening, Output};
pub use world::START;
