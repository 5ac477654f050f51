//! Answers that name what something was done to.

use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RunNamed {
    /// Its id.
    pub run: RunId,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MessageNamed {
    /// Its whole id.
    pub id: String,
}

/// A flow that was started by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Started {
    /// Its full name.
    pub flow: Arc<str>,
    /// The run, where it still lives.
    pub run: Option<RunId>,
}
