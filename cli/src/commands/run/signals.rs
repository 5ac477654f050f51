//! The wish of the operating system, or of a person, that the runtime ends.

/// Who wants that. It listens from its beginning on, so that nothing is missed that comes while something else is done.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupted: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    terminated: Option<tokio::signal::unix::Signal>,
}

impl Signals {
    /// Begins to listen. Where that cannot be, the process ends as it would anyway.
    #[cfg(unix)]
    pub(crate) fn listen() -> Signals {
        use tokio::signal::unix::{SignalKind, signal};
        Signals {
            interrupted: signal(SignalKind::interrupt()).ok(),
            terminated: signal(SignalKind::terminate()).ok(),
        }
    }

    /// Begins to listen.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Signals {
        Signals {}
    }

    /// Returns when the process is asked to end.
    #[cfg(unix)]
    pub(crate) async fn asked_to_end(&mut self) {
        tokio::select! {
            () = next(&mut self.interrupted) => {}
            () = next(&mut self.terminated) => {}
        }
    }

    /// Returns when the process is asked to end.
    #[cfg(not(unix))]
    pub(crate) async fn asked_to_end(&mut self) {
        // Without a handler the process ends as it would anyway.
        let _ = tokio::signal::ctrl_c().await;
    }

    /// Ends the process when it is asked once more, whatever is still going on: the journal has what was promised.
    pub(crate) async fn end_at_once(mut self) {
        self.asked_to_end().await;
        crate::output::note("ended at once; the next start goes on with what was going on");
        std::process::exit(1);
    }
}

#[cfg(unix)]
async fn next(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
