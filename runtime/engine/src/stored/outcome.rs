//! What became of an operation, as it is written down.

use crate::wire::Wire;
use carapace_effect::{Failure, Outcome};
use serde::{Deserialize, Serialize};

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeRecord {
    /// It happened.
    Done(Wire),
    /// It did not, for a known reason.
    Failed(Failure),
    /// Some of it happened, with this result, and some did not.
    Partly(Wire, Failure),
    /// Nobody can know.
    Unknown,
}

impl OutcomeRecord {
    /// As the machine is told.
    pub fn to_outcome(&self) -> Outcome {
        match self {
            OutcomeRecord::Done(value) => Outcome::Done(value.0.clone()),
            OutcomeRecord::Failed(failure) => Outcome::Failed(failure.clone()),
            OutcomeRecord::Partly(value, failure) => Outcome::Partly(value.0.clone(), failure.clone()),
            OutcomeRecord::Unknown => Outcome::Unknown,
        }
    }
}
