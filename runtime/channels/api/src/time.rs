//! The platform's time.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z, negative before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// The machine's clock, for channels whose platform is this machine.
    pub fn now() -> UnixMillis {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        // A clock before 1970 is a clock that was never set: the epoch is as good as any answer.
        let millis = since.map(|d| d.as_millis()).unwrap_or_default();
        UnixMillis(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}
