//! The keys that are forgotten by the end of one day.

use super::key::EventKey;
use super::page::{self, Known, PAGE, PageName};
use super::prints::Prints;
use crate::blob::Blob;
use crate::state::ground::Ground;
use carapace_store::Spot;
use std::collections::BTreeMap;

/// The first table of a day is made for so many pages; each after it for twice as many.
const FIRST: u32 = 4;

/// The keys of one day: the latest by themselves, the others on pages of the shelf.
#[derive(Debug, Clone, Default)]
pub(super) struct Day {
    /// Those that are on no page yet.
    warm: BTreeMap<EventKey, i64>,
    volumes: Vec<Volume>,
    /// The number of the next page.
    next: u32,
    /// How many keys are on pages.
    laid: usize,
}

/// Pages, and what finds them.
#[derive(Debug, Clone)]
struct Volume {
    prints: Prints,
    pages: Vec<(u32, Spot)>,
}

impl Day {
    pub(super) fn len(&self) -> usize {
        self.warm.len().saturating_add(self.laid)
    }

    pub(super) fn insert(&mut self, key: EventKey, until: i64) {
        let known = self.warm.entry(key).or_insert(until);
        *known = until.max(*known);
    }

    /// Until when a key of this day is known.
    pub(super) fn find(&self, day: i64, key: EventKey, ground: &Ground) -> Option<i64> {
        let laid = self.volumes.iter().flat_map(|volume| {
            let pages = volume.prints.find(key);
            pages.filter_map(|page| volume.pages.get(usize::try_from(page).ok()?))
        });
        let laid = laid.filter_map(|(_, spot)| page::find(day, &read(ground, *spot)?.0, key));
        laid.chain(self.warm.get(&key).copied()).max()
    }

    /// Lays down full pages, or whatever there is where `all`; gives how many bytes lie there now.
    pub(super) fn rest(&mut self, day: i64, all: bool, ground: &Ground) -> u64 {
        let mut bytes = 0_u64;
        while self.warm.len() >= PAGE || (all && !self.warm.is_empty()) {
            let keys: Vec<Known> = self.warm.iter().take(PAGE).map(|(key, until)| (*key, *until)).collect();
            let name = PageName { day, page: self.next };
            let entry = page::entry(name, page::pack(day, keys.iter().copied()));
            let Some(spot) = entry.ok().and_then(|entry| ground.put(&entry)) else { return bytes };
            for (key, _) in &keys {
                self.warm.remove(key);
            }
            self.insert_page(name, spot, keys.iter().map(|(key, _)| *key).collect());
            bytes = bytes.saturating_add(u64::from(spot.length));
        }
        bytes
    }

    /// A page that lies there.
    pub(super) fn insert_page(&mut self, name: PageName, spot: Spot, keys: Vec<EventKey>) {
        self.next = self.next.max(name.page.saturating_add(1));
        self.laid = self.laid.saturating_add(keys.len());
        if let Some(last) = self.volumes.last_mut()
            && last.prints.add(&keys).is_some()
        {
            return last.pages.push((name.page, spot));
        }
        let pages = self.volumes.last().map_or(FIRST, |last| last.prints.made_for.saturating_mul(2));
        let mut volume = Volume { prints: Prints::for_pages(pages), pages: Vec::new() };
        if volume.prints.add(&keys).is_some() {
            volume.pages.push((name.page, spot));
        }
        self.volumes.push(volume);
    }

    /// Where its pages lie.
    pub(super) fn spots(&self) -> impl Iterator<Item = Spot> {
        self.volumes.iter().flat_map(|volume| &volume.pages).map(|(_, spot)| *spot)
    }

    /// Where a page lies.
    pub(super) fn spot(&self, page: u32) -> Option<Spot> {
        let mut pages = self.volumes.iter().flat_map(|volume| &volume.pages);
        pages.find(|(number, _)| *number == page).map(|(_, spot)| *spot)
    }

    /// Where a page lies, to change.
    pub(super) fn spot_mut(&mut self, page: u32) -> Option<&mut Spot> {
        let mut pages = self.volumes.iter_mut().flat_map(|volume| &mut volume.pages);
        pages.find(|(number, _)| *number == page).map(|(_, spot)| spot)
    }

    /// Those that are on no page, to be written down.
    pub(super) fn written_warm(&self, day: i64) -> Blob {
        page::pack(day, self.warm.iter().map(|(key, until)| (*key, *until)))
    }

    /// All, to be written down.
    pub(super) fn written(&self, day: i64, ground: &Ground) -> Blob {
        let mut all = self.warm.clone();
        for body in self.spots().filter_map(|spot| read(ground, spot)) {
            for (key, until) in page::unpack(day, &body.0) {
                let known = all.entry(key).or_insert(until);
                *known = until.max(*known);
            }
        }
        page::pack(day, all.into_iter())
    }
}

fn read(ground: &Ground, spot: Spot) -> Option<Blob> {
    let entry = ground.get(spot)?;
    match page::of_entry(&entry) {
        Ok((_, body)) => Some(body),
        Err(error) => {
            ground.not_understood(spot, &error);
            None
        }
    }
}
