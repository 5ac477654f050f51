//! How many may stay connected.

use super::problem::Problem;
use axum::http::StatusCode;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections that stay, at the same time: those of a few tools and pages.
const MOST: usize = 256;

/// Room for connections that stay.
#[derive(Debug, Clone)]
pub(super) struct Places(Arc<Semaphore>);

impl Places {
    pub(super) fn new() -> Places {
        Places(Arc::new(Semaphore::new(MOST)))
    }

    /// One of them.
    pub(super) fn take(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.0.clone().try_acquire_owned().map_err(|_| {
            let why = format!("{MOST} connections stay open already");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "E1038", why).help("close one that nobody reads")
        })
    }
}
