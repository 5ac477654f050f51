//! What changed in bytes: a run's frames are written whole once, and from then on only what became different.

use crate::blob::Blob;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Bytes in pieces. A piece of which nothing has changed is the same one again, at the same address.
pub(crate) type Pieces = Vec<Arc<[u8]>>;

/// Bytes that are new, as what they were made of: the ones before, with some taken out and some put in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// How many bytes it was made for.
    of: u64,
    /// From front to back; what is behind the last one stays.
    edits: Vec<Edit>,
}

/// So many bytes stay, so many go, and these come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Edit(u64, u64, Blob);

/// What is found again is at least as long. Shorter things are found again by chance, and are cheaper written out.
const BLOCK: usize = 16;

/// After so many misses in a row the search takes larger steps: what is new throughout is not looked through byte by byte.
const PATIENCE: usize = 64;

impl Patch {
    /// What makes `new` of `old`.
    pub(crate) fn between(old: &[Arc<[u8]>], new: &[Arc<[u8]>]) -> Patch {
        let address = |piece: &Arc<[u8]>| Arc::as_ptr(piece).cast::<u8>();
        let places: FxHashMap<*const u8, usize> =
            old.iter().enumerate().map(|(at, piece)| (address(piece), at)).collect();
        let mut edits = Edits::default();
        let (mut seen, mut told) = (0, 0);
        for (at, piece) in new.iter().enumerate() {
            let Some(found) = places.get(&address(piece)).copied().filter(|found| *found >= seen) else {
                continue;
            };
            edits.between(&joined(old.get(seen..found)), &joined(new.get(told..at)));
            edits.same(piece);
            (seen, told) = (found + 1, at + 1);
        }
        edits.between(&joined(old.get(seen..)), &joined(new.get(told..)));
        Patch { of: old.iter().map(|piece| piece.len() as u64).sum(), edits: edits.done() }
    }

    /// The bytes that it makes of those that it was made for; none for others.
    pub(crate) fn apply(&self, old: &[u8]) -> Option<Vec<u8>> {
        if old.len() as u64 != self.of {
            return None;
        }
        let mut new = Vec::with_capacity(old.len());
        let mut rest = old;
        for Edit(stay, go, come) in &self.edits {
            let (stays, behind) = rest.split_at_checked(usize::try_from(*stay).ok()?)?;
            new.extend_from_slice(stays);
            new.extend_from_slice(&come.0);
            rest = behind.get(usize::try_from(*go).ok()?..)?;
        }
        new.extend_from_slice(rest);
        Some(new)
    }

    /// About how many bytes it takes in a line.
    pub(crate) fn size(&self) -> usize {
        self.edits.iter().fold(32, |size, edit| size + 24 + edit.2.0.len().div_ceil(3) * 4)
    }
}

fn joined(pieces: Option<&[Arc<[u8]>]>) -> std::borrow::Cow<'_, [u8]> {
    match pieces.unwrap_or_default() {
        [one] => (&**one).into(),
        several => several.concat().into(),
    }
}

/// Edits as they are found, from front to back.
#[derive(Default)]
struct Edits {
    list: Vec<Edit>,
    /// How much stays since the last of them, and what happens behind that.
    stay: usize,
    go: usize,
    come: Vec<u8>,
}

impl Edits {
    /// These bytes stay.
    fn same(&mut self, bytes: &[u8]) {
        let open = self.go > 0 || !self.come.is_empty();
        if open && bytes.len() < BLOCK {
            self.other(bytes, bytes);
        } else {
            if open {
                self.close();
            }
            self.stay += bytes.len();
        }
    }

    /// These bytes go, and those come.
    fn other(&mut self, old: &[u8], new: &[u8]) {
        self.go += old.len();
        self.come.extend_from_slice(new);
    }

    fn close(&mut self) {
        let come = Blob(std::mem::take(&mut self.come).into());
        let (stay, go) = (std::mem::take(&mut self.stay), std::mem::take(&mut self.go));
        self.list.push(Edit(stay as u64, go as u64, come));
    }

    fn done(mut self) -> Vec<Edit> {
        if self.go > 0 || !self.come.is_empty() {
            self.close();
        }
        self.list
    }

    /// What makes `new` of `old`: what both begin and end with stays, and blocks of the old in between that are found
    /// again in the new, in the same order.
    fn between(&mut self, old: &[u8], new: &[u8]) {
        let start = common(old.iter().zip(new));
        let (same, old) = old.split_at_checked(start).unwrap_or_default();
        let new = new.get(start..).unwrap_or_default();
        self.same(same);
        let end = common(old.iter().rev().zip(new.iter().rev()));
        let (old, tail) = old.split_at_checked(old.len() - end).unwrap_or_default();
        let new = new.get(..new.len() - end).unwrap_or_default();
        self.search(old, new);
        self.same(tail);
    }

    fn search(&mut self, mut old: &[u8], mut new: &[u8]) {
        let mut blocks = Blocks::of(old);
        let whole = old.len();
        let (mut at, mut misses) = (0, 0);
        while let Some(block) = new.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
            let seen = whole - old.len();
            let Some(found) = blocks.find(block, seen).map(|found| found - seen) else {
                misses += 1;
                at += 1 + misses / PATIENCE;
                continue;
            };
            let (Some((before, behind)), Some((fresh, rest))) =
                (old.split_at_checked(found), new.split_at_checked(at))
            else {
                break;
            };
            let back = common(before.iter().rev().zip(fresh.iter().rev()));
            let on = common(behind.iter().zip(rest));
            self.other(
                before.get(..found - back).unwrap_or_default(),
                fresh.get(..at - back).unwrap_or_default(),
            );
            self.same(new.get(at - back..at + on).unwrap_or_default());
            (old, new) = (behind.get(on..).unwrap_or_default(), rest.get(on..).unwrap_or_default());
            (at, misses) = (0, 0);
        }
        self.other(old, new);
    }
}

/// How many pairs from the first on are equal.
fn common<'a>(pairs: impl Iterator<Item = (&'a u8, &'a u8)>) -> usize {
    pairs.take_while(|(one, other)| one == other).count()
}

/// Where in some bytes each block of them stands.
struct Blocks {
    /// The first place of a block that may still be asked for, counted in blocks.
    first: FxHashMap<[u8; BLOCK], u32>,
    /// For each place, the next one with the same block; [`NOWHERE`] where there is none.
    next: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl Blocks {
    fn of(bytes: &[u8]) -> Blocks {
        let (blocks, _) = bytes.as_chunks::<BLOCK>();
        let mut first = FxHashMap::default();
        let mut next = vec![NOWHERE; blocks.len()];
        for (place, (block, next)) in blocks.iter().zip(&mut next).enumerate().rev() {
            let place = u32::try_from(place).unwrap_or(NOWHERE);
            *next = first.insert(*block, place).unwrap_or(NOWHERE);
        }
        Blocks { first, next }
    }

    /// The first byte at or behind `from` where this block stands; each question is about the same place as the last
    /// one or a later one.
    fn find(&mut self, block: &[u8; BLOCK], from: usize) -> Option<usize> {
        let place = self.first.get_mut(block)?;
        while *place != NOWHERE && (*place as usize) * BLOCK < from {
            *place = self.next.get(*place as usize).copied().unwrap_or(NOWHERE);
        }
        (*place != NOWHERE).then_some((*place as usize) * BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(list: &[&[u8]]) -> Pieces {
        list.iter().map(|bytes| Arc::from(*bytes)).collect()
    }

    fn apply(old: &[Arc<[u8]>], new: &[Arc<[u8]>]) -> Patch {
        let patch = Patch::between(old, new);
        assert_eq!(patch.apply(&old.concat()), Some(new.concat()), "{patch:?}");
        let written = serde_json::to_string(&patch).unwrap();
        assert_eq!(serde_json::from_str::<Patch>(&written).unwrap(), patch);
        assert!(patch.size() >= written.len(), "{} bytes: {written}", patch.size());
        patch
    }

    /// Bytes that do not repeat themselves.
    fn long(length: u32) -> Vec<u8> {
        (0..length).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
    }

    #[test]
    fn what_is_taken_out_and_put_in_at_a_few_places_is_all_that_is_written() {
        let old = long(5_000);
        let mut new = old.clone();
        new.splice(15_000..15_003, []);
        new.splice(9_000..9_000, *b"put in here");
        new[40] ^= 1;
        let patch = apply(&[old.into()], &[new.into()]);
        assert_eq!(patch.edits.len(), 3, "{patch:?}");
        assert!(patch.size() < 160, "{patch:?}");
    }

    #[test]
    fn a_value_among_many_that_are_alike_is_found() {
        let mut old = vec![0; 20_000];
        old.extend(long(2_000));
        let mut new = old.clone();
        new.splice(7_001..7_002, *b"\x09\x05hello");
        let patch = apply(&[old.into()], &[new.into()]);
        assert!(patch.size() < 200, "{patch:?}");
    }

    #[test]
    fn pieces_that_are_the_same_are_not_looked_into() {
        let (one, two, three) = (pieces(&[&long(100)]), pieces(&[&long(50)]), pieces(&[b"three", b""]));
        let old = [one.clone(), two.clone(), three.clone()].concat();
        let gone = apply(&old, &[one.clone(), three.clone()].concat());
        assert_eq!(
            gone.edits,
            [Edit(400, 205, Blob((*b"three").into()))],
            "what is short is not kept between"
        );
        apply(&old, &[three, two, one].concat());
        apply(&old, &[]);
        apply(&[], &old);
    }

    #[test]
    fn a_patch_for_other_bytes_makes_nothing_of_them() {
        let patch = Patch::between(&pieces(&[b"one"]), &pieces(&[b"two"]));
        assert_eq!(patch.apply(b"four"), None);
        let wild: Patch = serde_json::from_str(r#"{"of":3,"edits":[[2,9,"AAAA"]]}"#).unwrap();
        assert_eq!(wild.apply(b"one"), None);
        let wild: Patch = serde_json::from_str(r#"{"of":3,"edits":[[99,0,"AAAA"]]}"#).unwrap();
        assert_eq!(wild.apply(b"one"), None);
    }

    proptest! {
        #[test]
        fn whatever_changed_it_is_what_comes_out(
            old in prop::collection::vec(prop::collection::vec(0_u8..4, 0..80), 0..12),
            new in prop::collection::vec(prop::collection::vec(0_u8..4, 0..80), 0..12),
            kept in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let old: Pieces = old.into_iter().map(Arc::from).collect();
            let mut new: Pieces = new.into_iter().map(Arc::from).collect();
            for (at, kept) in kept.iter().enumerate() {
                if !old.is_empty() && at <= new.len() {
                    new.insert(at, Arc::clone(kept.get(&old)));
                }
            }
            apply(&old, &new);
            apply(&[old.concat().into()], &[new.concat().into()]);
        }
    }
}
