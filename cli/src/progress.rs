//! A sign of life on a terminal, for what takes longer than a second.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Nobody wonders before.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is drawn anew.
const STEP: Duration = Duration::from_millis(200);

/// Shows what is being done, from the first second on until it is dropped. Silent where standard error is no terminal.
pub(crate) struct Progress {
    // Dropping the sender ends the thread.
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins; `what` is in the present: `checking 12 packages`.
    pub(crate) fn of(what: impl Into<String>) -> Progress {
        let what = what.into();
        Progress::telling(move || what.clone())
    }

    /// The same; `what` is asked anew each time the line is drawn.
    pub(crate) fn telling(what: impl Fn() -> String + Send + 'static) -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress { end: None, thread: None };
        }
        let (end, ended) = mpsc::channel();
        let thread = std::thread::spawn(move || draw(&what, &ended));
        Progress { end: Some(end), thread: Some(thread) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            // It only draws: a panic in it is nobody's loss.
            let _ = thread.join();
        }
    }
}

fn draw(what: &dyn Fn() -> String, ended: &mpsc::Receiver<()>) {
    let start = Instant::now();
    let mut pause = PATIENCE;
    let mut drawn = false;
    while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        pause = STEP;
        drawn = true;
        let mut out = std::io::stderr().lock();
        let _ =
            write!(out, "\r\u{1b}[K{} … {} s", what(), start.elapsed().as_secs()).and_then(|()| out.flush());
    }
    if drawn {
        let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K");
    }
}
