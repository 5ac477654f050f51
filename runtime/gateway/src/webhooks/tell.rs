//! What those who run this are told, once in a while however often it happens.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long the same is not said again.
const PAUSE: Duration = Duration::from_mins(10);

/// How many lines are remembered; with more, all are said anew.
const REMEMBERED: usize = 256;

/// Says lines to those who run this.
#[derive(Clone)]
pub(super) struct Tell {
    say: Arc<dyn Fn(String) + Send + Sync>,
    said: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Tell {
    pub(super) fn new(say: impl Fn(String) + Send + Sync + 'static) -> Tell {
        Tell { say: Arc::new(say), said: Arc::default() }
    }

    /// Says a line, where it was not said lately.
    pub(super) fn say(&self, line: String) {
        let now = Instant::now();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.get(&line).is_some_and(|before| now.duration_since(*before) < PAUSE) {
            return;
        }
        if said.len() >= REMEMBERED {
            said.clear();
        }
        said.insert(line.clone(), now);
        drop(said);
        (self.say)(line);
    }
}

impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tell")
    }
}
