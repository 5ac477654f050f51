//! Who answers.

use super::{Methods, written};
use crate::rpc::Fault;
use carapace_channel_api::Channel;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::net::SocketAddr;
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
    /// Where it listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SocketAddr>,
    /// Its chat pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<ChatPage>,
}

/// A chat page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPage {
    /// Its account.
    pub account: String,
    /// Where it is served, from the gateway's address on.
    pub path: String,
}

impl Methods {
    pub(super) async fn about(&self) -> Result<Json, Fault> {
        let packages = self
            .engine
            .look(|state| state.deployments.serving().map(|d| d.record.package.clone()).collect())
            .await?;
        let page = |channel: &Arc<dyn Channel>| {
            let path = channel.http()?.page?;
            Some(ChatPage { account: channel.account().as_str().to_owned(), path })
        };
        written(&About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: PROTOCOL,
            packages,
            address: self.host.address(),
            pages: self.host.channels().iter().filter_map(page).collect(),
        })
    }
}
