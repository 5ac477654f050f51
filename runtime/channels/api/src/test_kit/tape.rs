//! A sink that keeps what it hears.

use crate::{Acceptance, Event, Inbound, Message, Sink};
use async_trait::async_trait;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};

/// Keeps what it hears, and may be told to refuse the next few.
pub(super) struct Tape {
    refusals: AtomicUsize,
    count: AtomicU64,
    sender: mpsc::UnboundedSender<(Inbound, bool)>,
    heard: Mutex<mpsc::UnboundedReceiver<(Inbound, bool)>>,
}

impl Default for Tape {
    fn default() -> Tape {
        let (sender, heard) = mpsc::unbounded_channel();
        Tape { refusals: AtomicUsize::new(0), count: AtomicU64::new(0), sender, heard: Mutex::new(heard) }
    }
}

impl Tape {
    /// Refuses the next `count` events.
    pub(super) fn refuse(&self, count: usize) {
        self.refusals.store(count, Ordering::SeqCst);
    }

    /// The next event that was pushed and whether it was taken.
    pub(super) async fn next(&self) -> Option<(Inbound, bool)> {
        self.heard.lock().await.recv().await
    }

    /// The next message that was taken, with its event.
    pub(super) async fn message(&self) -> Result<(Inbound, Message), String> {
        loop {
            match self.next().await {
                None => return Err("nothing more came".to_owned()),
                Some((inbound, true)) => {
                    if let Event::Message { message } = &inbound.event {
                        let message = message.clone();
                        return Ok((inbound, message));
                    }
                }
                Some((_, false)) => {}
            }
        }
    }
}

#[async_trait]
impl Sink for Tape {
    async fn push(&self, inbound: Inbound) -> Acceptance {
        // Only messages are refused: which other events there are is the kind's own.
        let message = matches!(inbound.event, Event::Message { .. });
        let less = |left: usize| left.checked_sub(1);
        let refused = message && self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok();
        // Nobody listens any more once the check is over.
        let _ = self.sender.send((inbound, !refused));
        if refused {
            return Acceptance::Refused { retry_after: Duration::from_millis(5) };
        }
        Acceptance::Accepted(self.count.fetch_add(1, Ordering::SeqCst))
    }
}
