//! The harness notices a checker that is blind. Two kinds of blindness: a mistake that is not told, and a construct whose
//! value is taken for trusted. Each construct has one, so that a generator which no longer writes it is noticed too.

use crate::accepted;
use crate::program::written;
use crate::twins::difference;
use crate::write::CONSTRUCTS;

/// Programs that are tried at most.
const TRIES: u64 = 3_000;

/// Bytes of a seed.
pub(crate) fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u8::try_from(state >> 56).unwrap()
    };
    (0..160).map(|_| next()).collect()
}

/// Whether some program tells the two runs apart.
fn is_noticed(hole: Option<&'static str>, ignored: &[&str]) -> bool {
    (0..TRIES).any(|seed| {
        let program = accepted(&written(&bytes(seed), hole), ignored);
        difference(&program, u8::try_from(seed % 251).unwrap()).is_some()
    })
}

#[test]
fn a_mistake_that_is_not_told_is_noticed() {
    for code in ["E0502", "E0503", "E0504"] {
        assert!(is_noticed(None, &[code]), "nobody would notice that {code} is not told any more");
    }
}

#[test]
fn a_construct_that_is_taken_for_trusted_is_noticed() {
    let missed: Vec<&str> = CONSTRUCTS.iter().filter(|hole| !is_noticed(Some(hole), &[])).copied().collect();
    assert!(missed.is_empty(), "nobody would notice a hole at {missed:?}");
}
