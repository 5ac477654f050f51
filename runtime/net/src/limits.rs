//! How much is sent and taken, and for how long.

use std::time::Duration;

/// How much is sent and taken, and for how long.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a body that is sent.
    pub sent: u64,
    /// Bytes of an answer's body, as it comes and once it is unpacked.
    pub body: u64,
    /// Bytes of an answer's headers, names and values together.
    pub headers: usize,
    /// How many redirects are followed.
    pub redirects: usize,
    /// How long a connection may take to come about, TLS included.
    pub connect: Duration,
    /// How long the first byte of an answer may take, and each further one.
    pub silence: Duration,
    /// How long all of it may take, redirects included.
    pub total: Duration,
    /// How many requests one host gets at a time.
    pub per_host: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            sent: 4 * 1024 * 1024,
            body: 4 * 1024 * 1024,
            headers: 64 * 1024,
            redirects: 5,
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(60),
            total: Duration::from_secs(120),
            per_host: 8,
        }
    }
}
