//! Whether channels work.

use super::{Methods, written};
use crate::rpc::Fault;
use carapace_channel_api::{Finding, Health};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long one account may take to find out.
const PATIENCE: Duration = Duration::from_secs(15);

/// What an account found out about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckedChannel {
    /// The account.
    pub account: String,
    /// Its kind: `terminal`.
    pub kind: String,
    /// How it says it is.
    #[schema(value_type = Object)]
    pub health: Health,
    /// What its round trip found.
    #[schema(value_type = Vec<Object>)]
    pub findings: Vec<Finding>,
}

impl Methods {
    pub(super) async fn check_channels(&self) -> Result<Json, Fault> {
        let mut asked = JoinSet::new();
        for (at, channel) in self.host.channels().into_iter().enumerate() {
            asked.spawn(async move {
                let findings = tokio::time::timeout(PATIENCE, channel.check()).await.unwrap_or_else(|_| {
                    let message = format!("nothing came back within {} s", PATIENCE.as_secs());
                    vec![Finding::wrong(message, "see whether this machine reaches the network")]
                });
                let health = channel.status().borrow().health.clone();
                let account = channel.account().as_str().to_owned();
                (at, CheckedChannel { account, kind: channel.kind().to_owned(), health, findings })
            });
        }
        let mut checked: Vec<_> = asked.join_all().await;
        checked.sort_by_key(|(at, _)| *at);
        written(&checked.into_iter().map(|(_, checked)| checked).collect::<Vec<_>>())
    }
}
