//! What can be chosen about servers.

use super::Patterns;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What can be chosen about servers.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The servers, at first.
    pub servers: Vec<Server>,
    /// The folder in which it is kept what tools looked like when they were seen first. It is made where it is needed.
    pub pinned: PathBuf,
    /// What programs are given of the environment of this process; nothing else of it.
    pub environment: Vec<(String, String)>,
    /// Certificates in PEM of authorities that are trusted besides those in whom browsers trust.
    pub roots: Vec<Vec<u8>>,
    /// How much is sent and taken.
    pub limits: Limits,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: Arc<str>,
    /// How it is reached.
    pub way: Way,
    /// Which of its tools are used.
    pub tools: Patterns,
    /// How long a call may take in which nothing is heard of it.
    pub timeout: Duration,
}

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A program that is started, and spoken to over its standard input and output.
    Program {
        /// The program, by name or path.
        command: String,
        /// What it is told.
        args: Vec<String>,
        /// Its environment, besides what [`Options::environment`] has.
        env: Vec<(String, Given)>,
        /// Where it is started.
        cwd: Option<PathBuf>,
    },
    /// An address of streamable HTTP.
    Address {
        /// The address.
        url: String,
        /// Header fields of each request.
        headers: Vec<(String, Given)>,
        /// The name of the secret that is sent as a bearer token.
        token: Option<String>,
    },
}

/// A value, or where it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// As it stands.
    Text(String),
    /// The secret of this name.
    Secret(String),
}

/// How much is sent and taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one message of a server. A longer one is passed over.
    pub message: usize,
    /// Bytes of a tool's result, and of what it is given, as JSON.
    pub value: usize,
    /// How deeply either may be nested.
    pub depth: usize,
    /// Tools of one server; further ones are not offered.
    pub tools: usize,
    /// Bytes of a tool's description. The rest is not shown to anybody.
    pub description: usize,
    /// Bytes of a tool's schema. One with more is not offered.
    pub schema: usize,
    /// How long a server may take until it is ready.
    pub connect: Duration,
    /// How long a call waits for a server that is just being connected to.
    pub patience: Duration,
    /// How long it is waited before a server that is down is tried again: at first, and at most.
    pub pause: (Duration, Duration),
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            message: 8 * 1024 * 1024,
            value: 1024 * 1024,
            depth: 64,
            tools: 256,
            description: 8 * 1024,
            schema: 64 * 1024,
            connect: Duration::from_secs(60),
            patience: Duration::from_secs(20),
            pause: (Duration::from_secs(1), Duration::from_secs(60)),
        }
    }
}
