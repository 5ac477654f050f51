//! Which page may have a key: a few bits of each, in a table that is made for a number of keys and never grows.

use super::key::EventKey;
use super::page::PAGE;

/// Pages that a table tells apart, at most: so many bits of a slot say which.
const PAGE_BITS: u32 = 10;

/// The fingerprints of keys on up to 1,024 pages. A slot has 22 bits of a key, never all 0, and the page it is on; 0 is an
/// empty one. A quarter stays empty, so that about one key in half a million is looked for in vain.
#[derive(Debug, Clone)]
pub(super) struct Prints {
    slots: Box<[u32]>,
    /// How many full pages it was made for.
    pub(super) made_for: u32,
    /// How many keys there is room for.
    room: usize,
    pages: u32,
}

impl Prints {
    /// The most pages that one table may have.
    pub(super) const PAGES: u32 = 1 << PAGE_BITS;

    /// A table for so many full pages.
    pub(super) fn for_pages(pages: u32) -> Prints {
        let pages = pages.clamp(1, Prints::PAGES);
        let room = usize::try_from(pages).unwrap_or_default().saturating_mul(PAGE);
        Prints { slots: vec![0; room.saturating_add(room / 3)].into(), made_for: pages, room, pages: 0 }
    }

    /// Takes the keys of a page in, where there is room; gives its number.
    pub(super) fn add(&mut self, keys: &[EventKey]) -> Option<u32> {
        if keys.len() > self.room || self.pages == Prints::PAGES {
            return None;
        }
        self.room = self.room.saturating_sub(keys.len());
        let page = self.pages;
        self.pages = self.pages.saturating_add(1);
        for key in keys {
            let (home, print) = self.place(*key);
            let (before, from) = self.slots.split_at_mut_checked(home)?;
            let free = from.iter_mut().chain(before).find(|slot| **slot == 0)?;
            *free = print << PAGE_BITS | page;
        }
        Some(page)
    }

    /// The pages that may have a key.
    pub(super) fn find(&self, key: EventKey) -> impl Iterator<Item = u32> {
        let (home, print) = self.place(key);
        let (before, from) = self.slots.split_at_checked(home).unwrap_or_default();
        let filled = from.iter().chain(before).take_while(|slot| **slot != 0);
        filled.filter(move |slot| **slot >> PAGE_BITS == print).map(|slot| slot & (Prints::PAGES - 1))
    }

    /// Where a key is looked for first, and what of it stands there.
    fn place(&self, key: EventKey) -> (usize, u32) {
        #[expect(clippy::cast_possible_truncation, reason = "bits of a hash: any of them will do")]
        let (high, low) = ((key.0 >> 96) as u64, key.0 as u32);
        // Any 32 bits spread over the slots, without a division.
        let home = u64::try_from(self.slots.len()).unwrap_or_default().saturating_mul(high) >> 32;
        (usize::try_from(home).unwrap_or_default(), (low >> PAGE_BITS).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(page: u32) -> Vec<EventKey> {
        (0..PAGE).map(|n| EventKey::of(&format!("{page} {n}"))).collect()
    }

    #[test]
    fn every_key_is_found_on_its_page_and_hardly_any_other() {
        let mut prints = Prints::for_pages(16);
        let pages: Vec<Vec<EventKey>> = (0..16).map(keys).collect();
        for (number, page) in (0..).zip(&pages) {
            assert_eq!(prints.add(page), Some(number));
        }
        assert_eq!(prints.add(&keys(17)), None, "it is full");
        for (number, page) in (0..).zip(&pages) {
            assert!(page.iter().all(|key| prints.find(*key).any(|found| found == number)));
        }
        let in_vain = (100..200).flat_map(keys).filter(|key| prints.find(*key).next().is_some()).count();
        assert!(in_vain < 10, "{in_vain} of 100,000");
    }

    #[test]
    fn small_pages_fill_it_by_their_number() {
        let mut prints = Prints::for_pages(Prints::PAGES);
        let all = (0..Prints::PAGES).map(|n| EventKey::of(&n.to_string()));
        assert!(all.map(|key| prints.add(&[key])).all(|page| page.is_some()));
        assert_eq!(prints.add(&[EventKey::of("one more")]), None);
    }
}
