//! Who answers.

use super::{Methods, written};
use crate::rpc::Fault;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// The number of what can be asked, and how it is answered. It changes when something that is there already means something else.
pub const PROTOCOL: u32 = 1;

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The version of the program: `0.1.0`.
    pub version: String,
    /// Its [`PROTOCOL`].
    pub protocol: u32,
    /// The packages that it serves.
    pub packages: Vec<Arc<str>>,
}

impl Methods {
    pub(super) async fn about(&self) -> Result<Json, Fault> {
        let packages = self
            .engine
            .look(|state| state.deployments.serving().map(|d| d.record.package.clone()).collect())
            .await?;
        written(&About { version: env!("CARGO_PKG_VERSION").to_owned(), protocol: PROTOCOL, packages })
    }
}
