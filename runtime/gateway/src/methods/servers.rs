//! Servers of tools that the runtime uses, as those see them who run it.

use super::tokens::on_disk;
use super::{Methods, written};
use crate::rpc::Fault;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// The servers of tools.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ServersListed {
    /// In the order of the configuration.
    pub servers: Vec<ToolServer>,
}

/// A server of tools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolServer {
    /// Its name.
    pub name: Arc<str>,
    /// The program, or the address.
    pub place: String,
    /// `connecting`, `ready` or `down`.
    pub state: String,
    /// Why it is down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Its tools.
    pub tools: Vec<ServerTool>,
}

/// A tool of a server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerTool {
    /// Its name.
    pub name: Arc<str>,
    /// What the server says of it.
    pub description: Arc<str>,
    /// `used`, `left out`, `changed` or `unusable`.
    pub state: String,
    /// Why it is unusable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A server that is trusted as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerTrusted {
    /// The server.
    pub server: String,
    /// Those of its tools that had changed.
    pub tools: Vec<Arc<str>>,
}

impl Methods {
    pub(super) fn servers(&self) -> Result<Json, Fault> {
        written(&ServersListed { servers: self.host.tool_servers() })
    }

    pub(super) async fn trust_server(&self, server: String) -> Result<Json, Fault> {
        let (host, name) = (self.host.clone(), server.clone());
        match on_disk(move || host.trust_tools(&name)).await? {
            Ok(Some(tools)) => written(&ServerTrusted { server, tools }),
            Ok(None) => {
                let help = "`carapace mcp list` shows those that there are";
                Err(Fault::refused("E1084", format!("there is no server `{server}`"), Some(help.to_owned())))
            }
            Err(why) => Err(Fault::refused("E0905", why, None)),
        }
    }
}
