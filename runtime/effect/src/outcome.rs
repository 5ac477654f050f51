//! What became of an operation.

use crate::Failure;
use carapace_module::Value;

/// What became of an operation, as the run is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It happened; here is its result.
    Done(Value),
    /// It did not happen, for a known reason.
    Failed(Failure),
    /// Some of it happened, with this result, and some did not: a message to a group that one of its people did not get.
    Partly(Value, Failure),
    /// Nobody can know whether it happened.
    Unknown,
}
