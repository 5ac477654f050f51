//! Limits, debouncing, duplicates.

use crate::{EventNumber, Key};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A start counts against a rolling limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The flow.
    pub flow: Arc<str>,
    /// Its n-th limit.
    pub limit: u32,
    /// `by`.
    pub key: Key,
    /// When.
    pub at: i64,
    /// Until when it counts.
    pub until: i64,
}

/// A key of `dedupe` is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deduped {
    /// The flow.
    pub flow: Arc<str>,
    /// The key.
    pub key: Key,
    /// Until when.
    pub until: i64,
}

/// An event waits for silence; it takes the place of the one that waited under the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debounced {
    /// The flow.
    pub flow: Arc<str>,
    /// Which of its triggers.
    pub trigger: u32,
    /// `by`.
    pub key: Key,
    /// The event.
    pub event: EventNumber,
    /// When the silence is long enough.
    pub due: i64,
}
