//! What this process has around its runtime.

use super::measured::Measured;
use crate::commands::backup::snapshot;
use crate::forgetting;
use crate::sources::Sources;
use carapace_channel_api::{Channel, SecretError, Secrets};
use carapace_gateway::{Figures, Host, Notices, SpanFigures, ToolServer};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// The channels that there are now.
pub(super) type Known = Arc<RwLock<Vec<Arc<dyn Channel>>>>;

/// What this process has around its runtime.
pub(super) struct Process {
    pub(super) data: PathBuf,
    pub(super) notices: Arc<Notices>,
    pub(super) channels: Known,
    pub(super) secrets: Arc<dyn Secrets>,
    pub(super) mcp: carapace_mcp::client::Handle,
    /// Where the gateway listens, once it does.
    pub(super) address: Arc<OnceLock<SocketAddr>>,
    pub(super) disk: Measured,
    /// What a collector is told, once it is.
    pub(super) spans: Arc<OnceLock<carapace_telemetry::Handle>>,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Process")
    }
}

impl Host for Process {
    fn keep_sources(&self, module: &[u8], sources: &BTreeMap<String, String>) {
        Sources::of_files(sources.clone()).keep(&self.data, module);
    }

    fn sources(&self, hash: &str) -> BTreeMap<String, String> {
        // A hash, and no path.
        let plain = !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if plain { Sources::read(&self.data, hash).files().clone() } else { BTreeMap::new() }
    }

    fn missing_secrets(&self, names: &[Arc<str>]) -> Vec<Arc<str>> {
        let missing = |name: &&Arc<str>| matches!(self.secrets.get(name), Err(SecretError::NotFound { .. }));
        names.iter().filter(missing).cloned().collect()
    }

    fn notices(&self) -> Option<Arc<Notices>> {
        Some(self.notices.clone())
    }

    fn tool_servers(&self) -> Vec<ToolServer> {
        super::mcp::servers(&self.mcp)
    }

    fn trust_tools(&self, server: &str) -> Result<Option<Vec<Arc<str>>>, String> {
        self.mcp.trust(server).map_err(|e| format!("it cannot be kept: {e}"))
    }

    fn figures(&self) -> Figures {
        let spans = self.spans.get().map(|handle| SpanFigures {
            told: handle.told(),
            refused: handle.refused(),
            behind: handle.behind(),
        });
        Figures { journal: Some(self.disk.figures()), spans }
    }

    fn copy(&self) -> Result<String, String> {
        snapshot::take(&self.data)
    }

    fn begin_forgetting(&self, sender: &str) -> Result<(), String> {
        forgetting::begin(&self.data, sender).map_err(|error| crate::problem::reason(&error))
    }

    fn end_forgetting(&self, sender: &str) {
        forgetting::end(&self.data, sender);
    }

    fn forgettings(&self) -> Vec<String> {
        forgetting::all(&self.data)
    }

    fn address(&self) -> Option<SocketAddr> {
        self.address.get().copied()
    }

    fn channels(&self) -> Vec<Arc<dyn Channel>> {
        self.channels.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
