//! What a channel did that it may not do.

use std::fmt;
use std::time::Duration;

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The check's name.
    pub check: &'static str,
    /// What was seen, and what was promised.
    pub message: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.message)
    }
}

/// What a check finds; the suite adds its name.
pub(super) type Found = Result<(), String>;

/// How long a channel may take for anything: generous, because only a broken one takes it.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// `wait`, or what did not happen in time.
pub(super) async fn soon<T>(what: &str, wait: impl Future<Output = T>) -> Result<T, String> {
    tokio::time::timeout(PATIENCE, wait).await.map_err(|_| format!("{what} did not happen in {PATIENCE:?}"))
}

/// Breaks with `message` unless `kept`.
pub(super) fn promise(kept: bool, message: impl FnOnce() -> String) -> Found {
    if kept { Ok(()) } else { Err(message()) }
}
