//! The wish of the operating system, or of a person, that the runtime ends.

/// Returns when the process is asked to end.
pub(crate) async fn asked_to_end() {
    tokio::select! {
        // Without handlers the process ends as it would anyway.
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
    }
}

/// Ends the process when it is asked once more, whatever is still going on: the journal has what was promised.
pub(crate) async fn end_at_once() {
    asked_to_end().await;
    crate::output::note("ended at once; the next start goes on with what was going on");
    std::process::exit(1);
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
