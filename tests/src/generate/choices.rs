//! The stream of choices.

/// A stream of choices; endless, the end is all zeros.
#[derive(Debug, Clone)]
pub struct Choices<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Choices<'b> {
    /// Choices from these bytes.
    pub fn new(bytes: &'b [u8]) -> Choices<'b> {
        Choices { bytes, at: 0 }
    }

    /// A number below `bound`; 0 when the bytes have run out.
    pub fn below(&mut self, bound: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        if bound == 0 { 0 } else { usize::from(byte) % bound }
    }

    /// Yes, one time in `n`; no when the bytes have run out.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1 && n > 1
    }

    /// One of these, the first when the bytes have run out.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let index = self.below(all.len());
        all.get(index)
    }

    /// Whether there are bytes left.
    pub fn more(&self) -> bool {
        self.at < self.bytes.len()
    }
}
