//! Randomness that a command carries: the same bits give the same decisions.

use carapace_effect::RunId;

/// A stream of numbers from a command's bits (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Entropy {
    state: u64,
    other: u64,
}

impl Entropy {
    /// The stream of these bits.
    pub(crate) fn new(bits: [u64; 2]) -> Entropy {
        Entropy { state: bits[0], other: bits[1] }
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        // Both halves of the bits count, and none of them has a value for which the stream stands still.
        mix(mix(self.state).wrapping_add(self.other))
    }

    /// Two numbers, as a command carries them.
    pub(crate) fn bits(&mut self) -> [u64; 2] {
        [self.next(), self.next()]
    }

    /// An id for a new run.
    pub(crate) fn run_id(&mut self) -> RunId {
        RunId((u128::from(self.next()) << 64) | u128::from(self.next()))
    }

    /// A number from 0 to `bound`, both included; `bound` is not negative.
    pub(crate) fn up_to(&mut self, bound: i64) -> i64 {
        let bound = u64::try_from(bound).unwrap_or_default();
        // The high bits of the product: without the bias towards small numbers that a remainder has.
        let wide = u128::from(self.next()) * (u128::from(bound) + 1);
        i64::try_from(wide >> 64).unwrap_or_default()
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::Entropy;
    use std::collections::BTreeSet;

    #[test]
    fn no_bits_give_a_stream_that_repeats_itself() {
        for bits in [[0, 0], [0x5eed, 0], [0, 7], [u64::MAX, u64::MAX]] {
            let mut entropy = Entropy::new(bits);
            let ids: BTreeSet<_> = (0..1_000).map(|_| entropy.run_id()).collect();
            assert_eq!(ids.len(), 1_000, "{bits:?}");
        }
        let first = |bits| Entropy::new(bits).next();
        assert_ne!(first([1, 0]), first([1, 1]));
        assert_ne!(first([0, 1]), first([1, 1]));
    }
}
