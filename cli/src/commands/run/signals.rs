//! The wish of the operating system, or of a person, that the runtime ends.

/// Returns when the process is asked to end.
pub(crate) async fn asked_to_end() {
    tokio::select! {
        // Without handlers the process ends as it would anyway.
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
