//! A deployment.

use crate::DeploymentId;
use crate::blob::Blob;
use crate::deployment::Binding;
use crate::wire::Wire;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A deployment, closed: replaying it needs nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deployed {
    /// Its number.
    pub id: DeploymentId,
    /// When.
    pub at: i64,
    /// The module's bytes.
    pub module: Blob,
    /// All settings' values, defaults included, in the module's order.
    pub settings: Vec<Wire>,
    /// What the slots are bound to.
    pub bindings: BTreeMap<Arc<str>, Binding>,
}
