//! State that changes outside of stretches.

use super::Write;
use crate::Key;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A state was written from outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StateSet(pub Write);

/// A value was not written for as long as its `keep` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// The state.
    pub state: Arc<str>,
    /// The key.
    pub key: Key,
}
