//! A copy of everything that is kept, of one moment.

use super::{Methods, written};
use crate::rpc::Fault;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A copy that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// The folder in the data directory that holds it. Whoever asked takes it away.
    pub folder: String,
}

impl Methods {
    pub(super) async fn copy(&self) -> Result<Json, Fault> {
        let host = self.host.clone();
        // Everything that was promised is on the disk, and while the engine looks it decides nothing: what channels keep for
        // themselves and what the journal says of them are of one moment.
        let sync = self.engine.read(|journal, _| journal.sync().map(drop)).await?;
        sync.map_err(|e| Fault::refused("E0931", e.to_string(), None))?;
        let copied = self.engine.look(move |_| host.copy()).await?;
        let folder = copied.map_err(|why| {
            let help = "make room on the disk, or stop the runtime and try again";
            Fault::refused(
                "E1049",
                format!("the data directory could not be copied: {why}"),
                Some(help.to_owned()),
            )
        })?;
        written(&Copied { folder })
    }
}
