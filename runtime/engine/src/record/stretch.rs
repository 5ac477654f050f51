//! A run's code went on.

use crate::Key;
use crate::blob::Blob;
use crate::patch::Patch;
use crate::stored::End;
use crate::wire::Wire;
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One stretch: everything the code did between two waits, committed whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stretched {
    /// The run.
    pub run: RunId,
    /// Its `now()`.
    pub now: i64,
    /// What its `random()` came from.
    pub seed: u64,
    /// Whether it was told the first thing of its inbox.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
    /// State it wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<Write>,
    /// The run, written down; none when it is over and will not be asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<Frames>,
    /// How it ended, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
    /// Whether its own `on failure` has dealt with its failure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handled: bool,
    /// What it cost.
    pub fuel: u64,
}

/// A run, written down: a text or, where that is much shorter, an object that says what has changed since its last stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Frames {
    /// All of it.
    Whole(Blob),
    /// What has changed.
    Changed(Patch),
}

/// A value of a state that was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Read {
    /// The state, by full name.
    pub state: Arc<str>,
    /// The key.
    pub key: Key,
    /// Which version of the value it saw; 0: none there.
    pub version: u64,
}

/// A value of a state that is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Write {
    /// The state, by full name.
    pub state: Arc<str>,
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Wire,
    /// When it is forgotten, unless written again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}
