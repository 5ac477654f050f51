//! What becomes of lines that a checkpoint holds: they are put away for a while, and then they go.

use crate::inspect::Runs;
use carapace_store::{Epoch, Error, Position, Store};
use std::time::Duration;

/// How often it is looked after that nothing is kept for too long, in milliseconds.
pub(super) const EVERY: i64 = 3_600_000;

/// How long a checkpoint may be the latest while lines follow it, in milliseconds: those are put away after the next.
pub(super) const LATEST: i64 = 86_400_000;

/// For how long what was is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct History {
    kept: i64,
}

impl History {
    pub(super) fn of(kept: Duration) -> History {
        History { kept: i64::try_from(kept.as_millis()).unwrap_or(i64::MAX) }
    }

    /// Puts lines away that a checkpoint holds; takes as long as it takes.
    pub(super) fn put_away(
        self,
        store: &dyn Store,
        epoch: Epoch,
        upto: Position,
        now: i64,
    ) -> Result<(), Error> {
        if self.kept == 0 {
            return store.truncate_before(epoch, upto);
        }
        store.archive_before(epoch, upto, &mut Runs::indexer)?;
        self.shorten(store, epoch, now)
    }

    /// Lets go of what was kept for long enough.
    pub(super) fn shorten(self, store: &dyn Store, epoch: Epoch, now: i64) -> Result<(), Error> {
        let gone = store.shorten_archive(epoch, now.saturating_sub(self.kept))?;
        if gone > 0 {
            tracing::debug!(gone, "parts of the archive are older than what is kept");
        }
        Ok(())
    }
}
