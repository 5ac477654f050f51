//! What can be chosen about an engine.

use super::recovery::REST_AFTER;
use crate::machine::{Loader, vm};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time, in milliseconds since 1970 UTC.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

/// What can be chosen about an engine.
#[derive(Debug, Clone)]
pub struct Options {
    /// Turns modules into code.
    pub loader: Loader,
    /// What time it is.
    pub clock: Clock,
    /// A checkpoint is written after so many lines, so that opening the journal again takes no longer than replaying
    /// them.
    pub checkpoint_lines: u64,
    /// How long lines are kept that a checkpoint holds, for those who ask what was; nothing: not at all.
    pub history: Duration,
    /// A run to which nothing has happened for so many lines is laid on the shelf, out of memory.
    pub rest_after: u64,
    /// Commands that may wait to be decided; who brings more, waits.
    pub intake: usize,
    /// Runs that may live; above it events are refused for a while.
    pub runs: usize,
    /// Messages that may wait to be sent; above it events are refused for a while.
    pub outbox: usize,
    /// Whether those who only answer us, as we them, at the pace of a program, are not heard for a while; and what goes to
    /// one place has a ceiling.
    pub break_loops: bool,
    /// How long acts in flight may take when the engine ends.
    pub drain: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            loader: vm::load,
            clock: Clock::system(),
            checkpoint_lines: 20_000,
            history: Duration::from_hours(30 * 24),
            rest_after: REST_AFTER,
            intake: 1_024,
            runs: 1_000_000,
            outbox: 100_000,
            break_loops: true,
            drain: Duration::from_secs(5),
        }
    }
}

impl Clock {
    /// A clock of one's own, for tests.
    pub fn of(clock: impl Fn() -> i64 + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(clock))
    }

    /// The operating system's.
    #[expect(clippy::disallowed_methods, reason = "the one place of the engine that asks what time it is")]
    pub fn system() -> Clock {
        Clock::of(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    }

    /// Now.
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
