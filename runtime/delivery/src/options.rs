//! What can be chosen about delivery.

use std::time::Duration;

/// What can be chosen about delivery.
#[derive(Debug, Clone)]
pub struct Options {
    /// How often a request is made that the network refuses for now.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles with each.
    pub first_pause: Duration,
    /// The longest pause. A network that asks for more is not waited for: the flow's own `retry` decides.
    pub longest_pause: Duration,
    /// How long a request waits here for a channel that is away, before the engine has it again.
    pub patience: Duration,
    /// How long a channel may take to answer. After that nobody knows what became of the request.
    pub answer: Duration,
    /// The largest file that is carried from one account, or from an address, to another, in bytes.
    pub file_bytes: u64,
    /// How long a file at an address may take to arrive. After that its address is sent instead.
    pub file_time: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            attempts: 5,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            patience: Duration::from_secs(30),
            answer: Duration::from_secs(120),
            file_bytes: 20 * 1024 * 1024,
            file_time: Duration::from_secs(30),
        }
    }
}
