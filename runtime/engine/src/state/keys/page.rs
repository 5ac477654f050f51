//! A page of the shelf: keys of one day, in order.

use super::key::EventKey;
use crate::blob::Blob;
use serde::{Deserialize, Serialize};

/// How many keys a page has.
pub(super) const PAGE: usize = 1_024;

/// A day in milliseconds.
pub(super) const DAY: i64 = 86_400_000;

/// A key, and when within its day it is forgotten.
const KEY: usize = 16;
const ENTRY: usize = KEY + 4;

/// Which page an entry of the shelf is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageName {
    /// The day at whose end all of its keys are forgotten, counted from 1970.
    pub(crate) day: i64,
    /// Its number among those of the day.
    pub(crate) page: u32,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    keys: PageName,
    body: Blob,
}

/// Keys with the time until which they are known.
pub(super) type Known = (EventKey, i64);

/// The day that a key belongs to which is forgotten at this time.
pub(super) fn day_of(until: i64) -> i64 {
    until.saturating_sub(1).div_euclid(DAY).saturating_add(1)
}

/// When everything of a day is forgotten.
pub(super) fn end_of(day: i64) -> i64 {
    day.saturating_mul(DAY)
}

/// Keys of a day as bytes, by key: each with how long before the end of the day it is forgotten.
pub(super) fn pack(day: i64, keys: impl Iterator<Item = Known>) -> Blob {
    let mut bytes = Vec::new();
    for (key, until) in keys {
        let before = u32::try_from(end_of(day).saturating_sub(until)).unwrap_or_default();
        bytes.extend_from_slice(&key.0.to_be_bytes());
        bytes.extend_from_slice(&before.to_be_bytes());
    }
    Blob(bytes.into())
}

/// The keys of [`pack`].
pub(super) fn unpack(day: i64, bytes: &[u8]) -> impl Iterator<Item = Known> {
    bytes.chunks_exact(ENTRY).filter_map(move |entry| known(day, entry))
}

fn known(day: i64, entry: &[u8]) -> Option<Known> {
    let (key, before) = entry.split_first_chunk::<KEY>()?;
    let before = u32::from_be_bytes(*before.first_chunk()?);
    Some((EventKey(u128::from_be_bytes(*key)), end_of(day).saturating_sub(i64::from(before))))
}

/// Until when a key is known that stands among packed ones.
pub(super) fn find(day: i64, bytes: &[u8], key: EventKey) -> Option<i64> {
    let (mut low, mut high) = (0, bytes.len() / ENTRY);
    while low < high {
        let middle = low.midpoint(high);
        let (here, until) = known(day, bytes.get(middle.checked_mul(ENTRY)?..)?)?;
        match here.cmp(&key) {
            std::cmp::Ordering::Equal => return Some(until),
            std::cmp::Ordering::Less => low = middle.saturating_add(1),
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

/// A page as an entry of the shelf.
pub(super) fn entry(name: PageName, body: Blob) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Entry { keys: name, body })
}

/// The packed keys of an entry.
pub(super) fn of_entry(entry: &[u8]) -> Result<(PageName, Blob), serde_json::Error> {
    serde_json::from_slice::<Entry>(entry).map(|entry| (entry.keys, entry.body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_belongs_to_the_day_at_whose_end_it_is_past() {
        for (until, day) in [(1, 1), (DAY, 1), (DAY + 1, 2), (0, 0), (-1, 0), (-DAY, -1)] {
            assert_eq!(day_of(until), day, "{until}");
            assert!(end_of(day) >= until && end_of(day) - until < DAY);
        }
    }

    #[test]
    fn what_is_packed_is_found_and_comes_out_again() {
        let mut keys: Vec<Known> =
            (0..1_000).map(|n| (EventKey::of(&n.to_string()), 5 * DAY - n * 80_000)).collect();
        keys.sort_unstable();
        let packed = pack(5, keys.iter().copied());
        let name = PageName { day: 5, page: 3 };
        let (back, body) = of_entry(&entry(name, packed).unwrap()).unwrap();
        assert_eq!((back, unpack(5, &body.0).collect::<Vec<_>>()), (name, keys.clone()));
        for (key, until) in keys {
            assert_eq!(find(5, &body.0, key), Some(until));
        }
        assert_eq!(find(5, &body.0, EventKey::of("another")), None);
        assert_eq!(find(5, &body.0[..19], EventKey::of("1")), None, "half an entry is none");
    }
}
