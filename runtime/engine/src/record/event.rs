//! What became of events.

use super::Write;
use crate::Event;
use crate::EventNumber;
use crate::state::EventKey;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An event was taken in. It will not be lost, and not be taken again within its window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    /// Its number.
    pub number: EventNumber,
    /// When it was taken in.
    pub at: i64,
    /// What happened.
    pub event: Arc<Event>,
    /// What it is recognised by when it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The event from outside that led to it, where it came from inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<EventNumber>,
}

/// Something happened inside: it will be dispatched like what comes from outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Emitted {
    /// What.
    pub event: Arc<Event>,
    /// When.
    pub at: i64,
    /// The event from outside that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<EventNumber>,
}

/// What an event is recognised by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Account and platform id.
    pub key: Arc<str>,
    /// Until when it is remembered.
    pub until: i64,
    /// What a request's body is told from others by: the same id with another body is another request, and a mistake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<EventKey>,
}

/// A flow that matched did not start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The event.
    pub event: EventNumber,
    /// The flow.
    pub flow: Arc<str>,
    /// Why not.
    pub reason: DropReason,
}

/// Why a flow that matched did not start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// Over its n-th `limit`.
    Limit(u32),
    /// Its `dedupe` key was there before.
    Dedupe,
    /// Its lane is busy, and it says `or drop`.
    LaneBusy,
    /// Its lane is full.
    LaneFull,
    /// A guard, key or event could not be computed.
    Fault(String),
    /// A later event came before the silence that `debounce` waits for.
    Debounced,
    /// It was cancelled before it started.
    Cancelled(Arc<str>),
    /// Its guard did not hold when it left its lane.
    Guard,
    /// A later run took its place in the lane (`or replace`).
    Replaced,
    /// A schedule's slot that passed while nobody was there (`missed: skip`).
    Missed,
}

/// What a filter said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filtered {
    /// The event.
    pub event: EventNumber,
    /// The filter.
    pub flow: Arc<str>,
    /// Whether it goes on.
    pub passes: bool,
    /// What it wrote to state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<Write>,
    /// Why it could not decide; then the event passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// A run answered the request that started it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Responded {
    /// The event that the request was.
    pub event: EventNumber,
    /// HTTP's status.
    pub status: i64,
    /// The body as JSON.
    pub body: serde_json::Value,
    /// Headers: an object of texts.
    pub headers: serde_json::Value,
}
