//! Measuring: contenders side by side, and a line for each figure.
//!
//! What is compared takes turns, round by round, so that whatever else the machine does strikes all alike, and the best
//! round of each counts: the others measure the neighbours. criterion, which measures one contender after the other, is
//! for what is looked at alone (`runtime/store/benches`). Deliberately not here: what is measured.

#![expect(clippy::panic, reason = "a benchmark stops at the first surprise")]

mod binary;
mod clock;
mod engine;
mod event;
mod figure;
mod memory;
mod nothing;
mod rounds;
mod source;

pub use binary::released_binary;
pub use clock::processor_time;
pub use engine::{Engine, deploy};
pub use event::message;
pub use figure::{Budget, tell};
pub use memory::resident;
pub use nothing::Nothing;
pub use rounds::{Contender, Time, alone, side_by_side};
pub use source::{examples, large_package, long_file, program, pure_function};
