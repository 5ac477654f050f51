//! What is being done at this moment, written where it survives an abort: a stack that overflows, a process that is killed
//! for want of memory. The next start reads there which run it was.

use carapace_effect::RunId;
use carapace_store::Store;
use std::sync::Arc;

/// The run that is being carried out, as the store has it.
pub(super) struct Doing {
    store: Arc<dyn Store>,
    /// Whether the store says that a run is.
    marked: bool,
    /// Until when lines are made durable before a run of them is carried out, in milliseconds since 1970.
    careful: i64,
}

/// How a mark begins that names a run.
const RUN: &str = "run ";

/// How long a start is careful, in milliseconds: a network brings its event again well before.
const CAREFUL: i64 = 15 * 60_000;

impl Doing {
    pub(super) fn new(store: Arc<dyn Store>) -> Doing {
        Doing { store, marked: false, careful: i64::MIN }
    }

    /// The run that was being carried out when the process before this one ended.
    pub(super) fn left_behind(&mut self) -> Option<RunId> {
        match self.store.marked() {
            Ok(mark) => {
                self.marked = !mark.is_empty();
                mark.strip_prefix(RUN)?.parse().ok()
            }
            Err(error) => {
                tracing::warn!(%error, "what the runtime did when it ended cannot be read");
                None
            }
        }
    }

    /// From here on a run is carried out; none: something else is done, or nothing.
    ///
    /// One write a stretch, without a sync, and none for anything else: a hundredth of what a durable stretch costs.
    pub(super) fn set(&mut self, run: Option<RunId>) {
        if run.is_none() && !self.marked {
            return;
        }
        let mark = run.map(|run| format!("{RUN}{run}")).unwrap_or_default();
        if let Err(error) = self.store.mark(&mark) {
            // What it is for has not happened yet: nothing is kept from going on for it.
            tracing::debug!(%error, "what is being done cannot be written down");
        }
        self.marked = run.is_some();
    }

    /// The process ended while it carried out a run that the journal has not heard of: its line had not been written. The
    /// event will come again, and this time the line shall be there.
    pub(super) fn be_careful(&mut self, now: i64) {
        self.careful = now.saturating_add(CAREFUL);
    }

    pub(super) fn is_careful(&self, now: i64) -> bool {
        now < self.careful
    }
}
