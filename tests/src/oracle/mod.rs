//! The oracle: what a checked program means, by the shortest road.
//!
//! It walks the checked tree and does what stands there, one `async` function a form; a task of a run is a future, an
//! effect is an `await`. No bytecode, no registers, no snapshots: where it and the machine differ, one of them is
//! wrong, and this one is easier to read. Deliberately not here: speed, and bounds other than those that keep a test from
//! running for ever.

mod arith;
mod context;
mod data;
mod exit;
mod expr;
mod flow;
mod pattern;
mod run;
mod scheduler;
mod stmt;
mod suffix;
mod tasks;
mod text;

pub use data::{canonical, same};
pub use exit::Fault;
pub use run::{OracleRun, Status};
pub use scheduler::Asked;
