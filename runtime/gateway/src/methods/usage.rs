//! What asking models has used up.

use super::{Methods, written};
use crate::rpc::Fault;
use carapace_engine::inspect::{UsageBy, usage};
use serde_json::Value as Json;

impl Methods {
    pub(super) async fn usage(&self, since: Option<i64>, by: Option<String>) -> Result<Json, Fault> {
        let by = match by {
            Some(by) => UsageBy::list(&by).map_err(|error| Fault::params(error.to_string()))?,
            None => vec![UsageBy::Agent, UsageBy::Model],
        };
        let since = since.unwrap_or_default();
        written(&self.engine.look(move |state| usage(&state.ledger, since, &by)).await?)
    }
}
