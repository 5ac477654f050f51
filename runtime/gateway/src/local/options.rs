//! What can be chosen about the socket.

use std::path::PathBuf;
use std::time::Duration;

/// What can be chosen about the socket.
#[derive(Debug, Clone)]
pub struct Options {
    /// The socket's file.
    pub path: PathBuf,
    /// Connections at the same time; more wait outside.
    pub connections: usize,
    /// Bytes of one line: a whole module comes in one. A longer one is answered with an error, and the connection ends.
    pub line_bytes: usize,
    /// How long a connection may say nothing, and how long it may take to read an answer.
    pub idle: Duration,
}

impl Options {
    /// A socket there, for the few tools of one person.
    pub fn new(path: impl Into<PathBuf>) -> Options {
        Options { path: path.into(), connections: 16, line_bytes: 32 << 20, idle: Duration::from_secs(60) }
    }
}
