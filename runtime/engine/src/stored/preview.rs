//! The preview of an answer, as a run holds it.

use carapace_effect::OpId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An answer is shown while it is written. It belongs to a task, which does one thing after the other: what a model says in it
/// meanwhile is shown, and its next reply takes the preview's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The operation that began it.
    pub op: OpId,
    /// The platform's id of the message that holds it, as soon as that is known. A preview that is no message has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Arc<str>>,
    /// The operation that replaces it or takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<OpId>,
}
