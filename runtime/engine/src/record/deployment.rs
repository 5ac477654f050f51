//! A deployment.

use crate::DeploymentId;
use crate::blob::Blob;
use crate::deployment::Binding;
use crate::wire::Wire;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A package takes no new events any more. Its runs go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The package.
    pub package: Arc<str>,
}

/// A deployment, closed: replaying it needs nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deployed {
    /// Its number.
    pub id: DeploymentId,
    /// The package: this is its deployment from here on.
    pub package: Arc<str>,
    /// When.
    pub at: i64,
    /// The module's bytes.
    pub module: Blob,
    /// All settings' values, defaults included, in the module's order.
    pub settings: Vec<Wire>,
    /// What the slots are bound to.
    pub bindings: BTreeMap<Arc<str>, Binding>,
}
