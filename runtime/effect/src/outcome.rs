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
    /// Nobody can know whether it happened.
    Unknown,
}
