//! Why the gateway could not be opened.

use std::net::SocketAddr;

/// Why the gateway could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is reachable from other machines.
    #[error("the gateway does not listen on `{address}` yet: other machines could reach it, and nothing would ask who they are; use `127.0.0.1:{}`", address.port())]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The system does not give the address.
    #[error("the gateway cannot listen on `{address}`: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Two channels want the same path.
    #[error("two channels want to be served at `{path}`")]
    PathTaken {
        /// The path.
        path: String,
    },
    /// A path that cannot be mounted.
    #[error(
        "`{path}` is no path to serve a channel at: it begins with a slash, ends without one and is not taken by the gateway"
    )]
    BadPath {
        /// The path.
        path: String,
    },
}
