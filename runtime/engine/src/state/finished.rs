//! The last runs that finished, for those who ask.

use crate::stored::End;
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many are kept. The journal has them all.
const KEPT: usize = 256;

/// A run that finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Its id.
    pub run: RunId,
    /// Its flow.
    pub flow: Arc<str>,
    /// When it came to be.
    pub created: i64,
    /// When it was finished.
    pub at: i64,
    /// How.
    pub end: End,
}

/// The last runs that finished, oldest first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Finished {
    last: VecDeque<Summary>,
    /// How many there were in all.
    pub count: u64,
}

impl Finished {
    /// Oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Summary> {
        self.last.iter()
    }

    pub(super) fn forget(&mut self, runs: &[RunId]) {
        self.last.retain(|summary| runs.binary_search(&summary.run).is_err());
    }

    pub(crate) fn push(&mut self, summary: Summary) {
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(summary);
        self.count += 1;
    }
}
