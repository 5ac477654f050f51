//! Whether channels hear.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A channel hears from here on, or does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelHeard {
    /// The account.
    pub account: Arc<str>,
    /// Whether everything that piled up was pushed.
    pub caught_up: bool,
    /// When it said so.
    pub at: i64,
}
