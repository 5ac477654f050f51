//! All keys, by the day at whose end they are forgotten.

use super::day::Day;
use super::key::EventKey;
use super::page::{self, PageName, day_of, end_of};
use crate::blob::Blob;
use crate::state::ground::Ground;
use carapace_store::Spot;
use std::collections::BTreeMap;

/// What events are recognised by when they come again, each until a time.
#[derive(Debug, Clone, Default)]
pub struct EventKeys {
    days: BTreeMap<i64, Day>,
    ground: Ground,
    /// Bytes of the pages that are meant.
    pub(in crate::state) resting: u64,
}

/// Keys as they are written down: those of a day packed, by key.
pub(in crate::state) type WrittenKeys = BTreeMap<i64, Blob>;

impl EventKeys {
    /// Whether an event of this key is known at `now`.
    pub fn contains(&self, key: EventKey, now: i64) -> bool {
        let living = self.days.range(day_of(now.saturating_add(1))..);
        living.filter_map(|(day, keys)| keys.find(*day, key, &self.ground)).any(|until| until > now)
    }

    /// How many there are. Some of the last day may be forgotten.
    pub fn len(&self) -> usize {
        self.days.values().map(Day::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    pub(crate) fn insert(&mut self, key: EventKey, until: i64) {
        self.days.entry(day_of(until)).or_default().insert(key, until);
    }

    /// Lets days go of which everything is forgotten.
    pub(crate) fn forget_until(&mut self, now: i64) {
        while let Some(day) = self.days.first_entry().filter(|day| end_of(*day.key()) <= now) {
            for spot in day.remove().spots() {
                self.resting = self.resting.saturating_sub(u64::from(spot.length));
                self.ground.take_back(spot);
            }
        }
    }

    pub(in crate::state) fn stand_on(&mut self, ground: Ground) {
        self.ground = ground;
    }

    /// Lays down full pages, or all keys where `all`.
    pub(in crate::state) fn rest(&mut self, all: bool) {
        if self.ground.writable().is_none() {
            return;
        }
        for (day, keys) in &mut self.days {
            let laid = keys.rest(*day, all, &self.ground);
            self.resting = self.resting.saturating_add(laid);
        }
    }

    /// A page that lies there.
    ///
    /// # Errors
    /// Where it cannot be understood.
    pub(in crate::state) fn insert_page(
        &mut self,
        entry: &[u8],
        spot: Spot,
    ) -> Result<(), serde_json::Error> {
        let (name, body) = page::of_entry(entry)?;
        let keys = page::unpack(name.day, &body.0).map(|(key, _)| key).collect();
        self.days.entry(name.day).or_default().insert_page(name, spot, keys);
        self.resting = self.resting.saturating_add(u64::from(spot.length));
        Ok(())
    }

    /// Whether the page that lies there is meant.
    pub(in crate::state) fn lies_at(&self, name: PageName, at: Spot) -> bool {
        self.days.get(&name.day).and_then(|day| day.spot(name.page)) == Some(at)
    }

    /// It lies elsewhere from now on.
    pub(in crate::state) fn lay_elsewhere(&mut self, name: PageName, to: Spot) {
        if let Some(spot) = self.days.get_mut(&name.day).and_then(|day| day.spot_mut(name.page)) {
            *spot = to;
        }
    }

    /// All of them, to be written down.
    pub(in crate::state) fn written(&self) -> WrittenKeys {
        self.days.iter().map(|(day, keys)| (*day, keys.written(*day, &self.ground))).collect()
    }

    /// Those that are on no page, to be written down.
    pub(in crate::state) fn written_warm(&self) -> WrittenKeys {
        let days = self.days.iter().map(|(day, keys)| (*day, keys.written_warm(*day)));
        days.filter(|(_, keys)| !keys.0.is_empty()).collect()
    }

    pub(in crate::state) fn of(written: WrittenKeys, ground: Ground) -> EventKeys {
        let mut keys = EventKeys { ground, ..EventKeys::default() };
        for (day, packed) in written {
            page::unpack(day, &packed.0).for_each(|(key, until)| keys.insert(key, until));
        }
        keys
    }
}
