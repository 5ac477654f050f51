//! The wish that a component ends, heard by all who hold a [`Shutdown`].

use tokio::sync::watch;

/// Hears the wish to end. Cheap to clone; each clone hears it.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

/// Speaks the wish to end. Dropping the last one speaks it, too: nobody is left who could.
#[derive(Debug, Clone)]
pub struct ShutdownHandle(watch::Sender<bool>);

impl Shutdown {
    /// A wish not yet spoken, and the one who can speak it.
    pub fn new() -> (ShutdownHandle, Shutdown) {
        let (sender, receiver) = watch::channel(false);
        (ShutdownHandle(sender), Shutdown(receiver))
    }

    /// Returns when the wish was spoken; at once when it was before.
    pub async fn requested(&self) {
        let mut receiver = self.0.clone();
        // An error says that no handle is left, which means the same.
        let _ = receiver.wait_for(|stop| *stop).await;
    }

    /// Whether it was spoken.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

impl ShutdownHandle {
    /// Speaks it. Twice is the same as once.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// One more who hears it.
    pub fn subscribe(&self) -> Shutdown {
        Shutdown(self.0.subscribe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_hears_it_also_who_asks_late() {
        let (handle, early) = Shutdown::new();
        assert!(!early.is_requested());
        let waiting = tokio::spawn({
            let early = early.clone();
            async move { early.requested().await }
        });
        handle.request();
        waiting.await.unwrap();
        handle.subscribe().requested().await;
        assert!(early.is_requested());
    }

    #[tokio::test]
    async fn a_dropped_handle_is_a_wish() {
        let (handle, shutdown) = Shutdown::new();
        drop(handle);
        shutdown.requested().await;
        assert!(shutdown.is_requested());
    }
}
