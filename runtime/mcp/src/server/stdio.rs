//! The protocol over standard input and output.

use super::Runtime;
use super::handler::{Calls, Handler};
use rmcp::ServiceExt as _;
use std::sync::Arc;
use std::time::Duration;

/// How long leaving what is still waited for may take.
const FAREWELL: Duration = Duration::from_secs(10);

/// Why a program could not be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It did not begin as the protocol says.
    #[error("the other side does not speak the Model Context Protocol: {0}")]
    Greeting(String),
    /// Something broke down.
    #[error("serving it broke down: {0}")]
    Broken(String),
}

/// Serves the program at the other end of standard input and output until it goes away.
///
/// # Errors
/// See [`Error`]. A program that goes away before it has said anything is no error.
pub async fn serve(runtime: Arc<dyn Runtime>) -> Result<(), Error> {
    let calls: Arc<Calls> = Arc::default();
    let handler = Handler { runtime: Some(runtime.clone()), calls: calls.clone() };
    let served = handler.serve(rmcp::transport::stdio()).await;
    let running = match served {
        Ok(running) => running,
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(Error::Greeting(error.to_string())),
    };
    let ended = running.waiting().await;
    // What was still waited for is left, before this process is gone.
    let _ = tokio::time::timeout(FAREWELL, calls.leave(&*runtime)).await;
    ended.map(|_| ()).map_err(|e| Error::Broken(e.to_string()))
}
