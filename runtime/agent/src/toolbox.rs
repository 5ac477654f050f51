//! Tools that are not the package's own.

use async_trait::async_trait;
use carapace_effect::{Connection, Tool};

/// Knows which tools the servers of an agent's connections offer. Calling them is not its business: an agent's step says
/// what it calls, and the run does.
#[async_trait]
pub trait Toolbox: Send + Sync + 'static {
    /// The tools that these servers offer now, each by its full name (`main.files.read`). A server that cannot be asked
    /// offers none.
    async fn tools(&self, connections: &[Connection]) -> Vec<Tool>;
}

/// There are no servers.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTools;

#[async_trait]
impl Toolbox for NoTools {
    async fn tools(&self, _: &[Connection]) -> Vec<Tool> {
        Vec::new()
    }
}
