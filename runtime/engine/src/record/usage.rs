//! What asking models has used up.

use carapace_effect::{OpId, RunId, Usage};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An agent was asked, and that used something up, whatever came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// The run that asked.
    pub run: RunId,
    /// The operation.
    pub op: OpId,
    /// On whose account.
    #[serde(flatten)]
    pub payer: Payer,
    /// When it was told, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Each request.
    pub usage: Vec<Usage>,
}

/// A program asked a model by the interface for programs, in no run's name, and that used something up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// On whose account: no agent's and no flow's, the account is `gateway`, and the sender is the name of the token.
    #[serde(flatten)]
    pub payer: Payer,
    /// When it was told, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Each request.
    pub usage: Vec<Usage>,
}

/// To whom a request is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Payer {
    /// The agent, by full name; empty where none asked.
    pub agent: Arc<str>,
    /// The flow of the run that asks, by full name; empty where none does.
    pub flow: Arc<str>,
    /// The account that its event came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Arc<str>>,
    /// Who wrote, as the platform knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Arc<str>>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Arc<str>>,
}
