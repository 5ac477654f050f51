//! What can be chosen about webhooks.

use carapace_engine::service::Clock;
use std::time::Duration;

/// What can be chosen about webhooks.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bytes of a body. More is answered with 413.
    pub body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// How long a sender waits for a flow's answer at most; one whose own patience is known to be shorter waits less.
    pub patience: Duration,
    /// How far a time that a sender has signed may be from now, either way.
    pub window: Duration,
    /// What time it is.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            body_bytes: 1024 * 1024,
            body_time: Duration::from_secs(10),
            // GitHub gives up after ten seconds.
            patience: Duration::from_secs(9),
            window: Duration::from_mins(5),
            clock: Clock::system(),
        }
    }
}
