//! The oracle against the machine: random programs must mean the same in the evaluator, in the machine, and in the
//! machine that is written down and read back at every wait.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod alone;
mod planted;
mod programs;
mod three_way;
