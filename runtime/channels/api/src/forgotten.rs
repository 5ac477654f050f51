//! What an account kept of somebody who is forgotten.

use serde::{Deserialize, Serialize};

/// What an account kept of somebody, in counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forgotten {
    /// What was erased, or would be.
    pub erased: Vec<Counted>,
    /// What it keeps that may tell of them and was not erased, for a person: lower case, no full stop, with what to do.
    pub left: Vec<String>,
}

/// So many of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How many.
    pub count: u64,
    /// Of what, in the singular: `conversation`.
    pub what: String,
}

impl Forgotten {
    /// Adds what was erased; none of something is not worth saying.
    pub fn add(&mut self, count: usize, what: &str) {
        if count > 0 {
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            self.erased.push(Counted { count, what: what.to_owned() });
        }
    }

    /// Whether there was anything of them.
    pub fn is_nothing(&self) -> bool {
        self.erased.is_empty()
    }
}
