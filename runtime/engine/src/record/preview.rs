//! Answers that are shown while they are written.

use carapace_effect::{OpId, RunId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What an agent writes in a task is shown from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previewing {
    /// The run.
    pub run: RunId,
    /// The operation that began it.
    pub op: OpId,
}

/// A message holds a preview, or does not any more. What it says is not written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previewed {
    /// The run.
    pub run: RunId,
    /// The operation that began the preview.
    pub op: OpId,
    /// The platform's id of the message; none where it was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Arc<str>>,
}

/// An operation replaces a preview or takes it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewTaken {
    /// The run.
    pub run: RunId,
    /// The operation that began the preview.
    pub op: OpId,
    /// The one that takes it.
    pub taken: OpId,
}
