//! Up to where updates were taken.

use carapace_channel_api::{Kept, UnixMillis};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// Telegram keeps updates for a day, and after a week without any it counts from somewhere else: an older place says nothing.
const STALE: i64 = 24 * 60 * 60 * 1_000;

/// Up to where updates were taken.
pub(crate) struct Cursor(Kept<Place>);

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Place {
    /// The bot whose updates are counted.
    bot: i64,
    /// The first update that was not taken.
    next: i64,
    /// When that became so, in milliseconds since 1970.
    at: i64,
}

impl Cursor {
    pub(crate) fn open(folder: &Path) -> io::Result<Cursor> {
        Ok(Cursor(Kept::open(folder.join("cursor.json"))?))
    }

    /// The first update of a bot that was not taken; none where that is not known.
    pub(crate) async fn next(&self, bot: i64) -> Option<i64> {
        let now = UnixMillis::now().0;
        let fresh = |place: &Place| place.bot == bot && (0..STALE).contains(&now.saturating_sub(place.at));
        self.0.look(|place| fresh(place).then_some(place.next)).await
    }

    /// Everything before `next` was taken.
    pub(crate) async fn reach(&self, bot: i64, next: i64) -> io::Result<()> {
        self.0.change(|place| *place = Place { bot, next, at: UnixMillis::now().0 }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_counts_for_its_bot_and_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let cursor = Cursor::open(folder.path()).unwrap();
        assert_eq!(cursor.next(7).await, None);
        cursor.reach(7, 12).await.unwrap();
        let cursor = Cursor::open(folder.path()).unwrap();
        assert_eq!((cursor.next(7).await, cursor.next(8).await), (Some(12), None));
        cursor.0.change(|place| place.at -= STALE).await.unwrap();
        assert_eq!(cursor.next(7).await, None);
    }
}
