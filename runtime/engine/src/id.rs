//! Names of things that only the engine has.

use crate::wire::Wire;
use carapace_module::Value;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A deployment, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeploymentId(pub u32);

/// An event that was taken in, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventNumber(pub u64);

/// A key made of values (`by sender`, `name[key]`): their canonical JSON, so that equal values are equal keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(pub Arc<str>);

impl Key {
    /// The key of these parts.
    pub fn of(parts: &[Value]) -> Key {
        let parts: Vec<Wire> = parts.iter().cloned().map(Wire).collect();
        // A list of plain values always can be written.
        Key(serde_json::to_string(&parts).unwrap_or_default().into())
    }

    /// The parts of the key.
    pub fn parts(&self) -> Vec<Value> {
        let parts: Vec<Wire> = serde_json::from_str(&self.0).unwrap_or_default();
        parts.into_iter().map(|w| w.0).collect()
    }
}

/// A lane of runs that go one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LaneId {
    /// Its name; flows that name the same lane share it.
    pub lane: Arc<str>,
    /// `by`.
    pub key: Key,
}
