//! Deployments, and what they are bound to.

use crate::DeploymentId;
use crate::deployment::Binding;
use crate::stored::StoredModule;
use crate::wire::Wire;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
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
    /// The module.
    pub module: StoredModule,
    /// All settings' values, defaults included, in the module's order.
    pub settings: Vec<Wire>,
    /// The settings that were given a value, as canonical JSON; the others had their defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub given: BTreeMap<Arc<str>, Json>,
    /// What the slots are bound to.
    pub bindings: BTreeMap<Arc<str>, Binding>,
    /// The types of the module's states, keys and all, written out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shapes: BTreeMap<Arc<str>, Arc<str>>,
    /// The deployment that this is again, where somebody went back to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_to: Option<DeploymentId>,
}

/// Deployments that nobody needs any more are forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// Which.
    pub deployments: Vec<DeploymentId>,
}

/// Modules that nobody needs any more are gone from the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// Their names.
    pub modules: Vec<Arc<str>>,
}

/// The accounts that the runtime has. What goes to another waits until that is there again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// Their names.
    pub there: BTreeSet<Arc<str>>,
}
