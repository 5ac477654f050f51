//! Why the gateway could not be opened.

use std::net::SocketAddr;

/// Why the gateway could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is reachable from other machines, and nobody has a token.
    #[error("other machines can reach `{address}`, and nobody has a token that would let them in")]
    Unguarded {
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

impl Error {
    /// The code of its diagnostic, and the way out.
    pub fn code(&self) -> (&'static str, String) {
        match self {
            Error::Unguarded { address } => {
                let port = address.port();
                let help = format!(
                    "`carapace token create NAME --scope read` gives one out; or listen on `127.0.0.1:{port}`, behind a proxy where others shall reach it"
                );
                ("E1021", help)
            }
            Error::PathTaken { .. } | Error::BadPath { .. } => {
                ("E0934", "give the account another `path`, such as `/support`".to_owned())
            }
            Error::Bind { .. } => ("E0934", "`--listen 127.0.0.1:0` takes a port that is free".to_owned()),
        }
    }
}
