//! Lines on their way to standard error: whoever has something to say waits for nobody who reads.

use carapace_channel_registry::Announcer;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;

/// So many lines wait for a reader who is slow; what comes then is counted, and lost.
const WAITING: usize = 4_096;

/// How long the end waits until what is on its way was written.
const FLUSH: Duration = Duration::from_secs(2);

/// Where a terminal with a prompt leaves the way to the place above it.
pub(crate) type Above = Arc<OnceLock<Announcer>>;

/// The way to standard error.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    queue: SyncSender<Line>,
    lost: Arc<AtomicU64>,
}

enum Line {
    Text(String),
    /// Everything before it was written.
    Reached(SyncSender<()>),
}

impl Lines {
    /// Begins, on a thread of its own.
    pub(super) fn start(above: Above) -> Lines {
        let (queue, lines) = sync_channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let missing = Arc::clone(&lost);
        let write = move || write(&lines, &missing, &above);
        // Where no thread can be had, nothing else works either, and the lines are counted as lost.
        let _ = std::thread::Builder::new().name("log".to_owned()).spawn(write);
        Lines { queue, lost }
    }

    /// Returns once what was said is written, or nobody reads it.
    pub(super) fn flush(&self) {
        let (reached, wait) = sync_channel(1);
        if self.queue.try_send(Line::Reached(reached)).is_ok() {
            // Whoever does not read in that time reads nothing.
            let _ = wait.recv_timeout(FLUSH);
        }
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.queue.try_send(Line::Text(text))
        {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Lines;

    fn make_writer(&'w self) -> Lines {
        self.clone()
    }
}

fn write(lines: &Receiver<Line>, lost: &AtomicU64, above: &OnceLock<Announcer>) {
    while let Ok(line) = lines.recv() {
        match line {
            Line::Text(text) => show(text, above),
            Line::Reached(reached) => {
                // Whoever waited may have given up.
                let _ = reached.send(());
            }
        }
        let missing = lost.swap(0, Ordering::Relaxed);
        if missing > 0 {
            tracing::warn!(
                lines = missing,
                "standard error was read too slowly, and lines of the log are lost"
            );
        }
    }
}

fn show(text: String, above: &OnceLock<Announcer>) {
    match above.get() {
        Some(announce) => announce(text),
        None => {
            // Nobody reads it, and there is nobody to tell.
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        }
    }
}
