//! Schedules.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A schedule's slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// The flow.
    pub flow: Arc<str>,
    /// Which of its triggers.
    pub trigger: u32,
    /// The slot that was claimed: the line starts its run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<i64>,
    /// The next one; none when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}
