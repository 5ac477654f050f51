//! The protocol: messages in and out, the order in which they are worked on, and what was agreed at the start.
//!
//! Messages are read and answered on one task; everything that looks at flows happens on one thread of its own, in the
//! order in which the editor sent it, so that every answer is about the text as it was when the question was asked.

pub(crate) mod agreement;
mod convert;
pub(crate) mod offer;
mod service;
mod session;
mod transport;
mod worker;

pub(crate) use session::{Answer, Session, Subject, invalid, refused};

use crate::host::{Host, Live, Tests};
use service::Service;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// What the server works with.
pub struct Options {
    /// The disk.
    pub host: Box<dyn Host>,
    /// Runs tests; without it nothing offers to.
    pub tests: Option<Arc<dyn Tests>>,
    /// Looks into a runtime; without it nothing is said about live runs.
    pub live: Option<Arc<dyn Live>>,
    /// What it says it is: `0.1.0`.
    pub version: String,
}

/// Why serving ended otherwise than by the editor's wish.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The way to the editor broke.
    #[error("the connection to the editor broke: {0}")]
    Broken(#[from] std::io::Error),
    /// The thread that works could not be started.
    #[error("no thread could be started: {0}")]
    Thread(std::io::Error),
    /// The editor went away, or sent `exit`, without `shutdown` before it: the protocol wants that to be told.
    #[error("the editor ended without saying so (`exit` without `shutdown`)")]
    Abrupt,
}

/// Serves one editor until it says `exit` or goes away. What it sends never ends the server: it is answered, or refused with
/// an error of the protocol.
///
/// # Errors
/// Where the connection breaks.
pub async fn serve<I, O>(input: I, output: O, options: Options) -> Result<(), Error>
where
    I: AsyncRead + Unpin,
    O: AsyncWrite + Unpin,
{
    let (worker, thread) = worker::start(options).map_err(Error::Thread)?;
    let (service, socket) = tower_lsp::LspService::build(|client| Service::new(client, worker))
        .custom_method("carapace/graph", Service::graph)
        .custom_method("carapace/tests", Service::tests)
        .finish();
    let ended = transport::serve(input, output, service, socket).await;
    // The worker's last sender is gone with the service: the thread ends when it has done what it was doing.
    let _ = thread.join();
    ended
}
