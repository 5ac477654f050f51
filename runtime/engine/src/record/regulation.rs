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

/// Somebody and we only answer each other: they are not heard in that conversation for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Muted {
    /// The account.
    pub account: Arc<str>,
    /// The conversation.
    pub conversation: Arc<str>,
    /// Who.
    pub sender: Arc<str>,
    /// When.
    pub at: i64,
    /// Until when.
    pub until: i64,
    /// For the how-manieth time, counted from 1.
    pub times: u32,
    /// By what that was seen, for a person.
    pub why: Arc<str>,
}

/// An event is given to nobody, as its sender is not heard for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Which.
    pub event: EventNumber,
    /// Until when.
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
