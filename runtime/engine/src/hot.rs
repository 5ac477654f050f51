//! Runs that go on soon, as they were when they last did: what is kept here need not be read back from where it is written.
//!
//! It is a help and no state: without it everything comes out the same, a little later.

use crate::DeploymentId;
use crate::blob::Blob;
use crate::machine::Frames;
use crate::patch::Pieces;
use crate::stored::Run;
use carapace_effect::RunId;
use carapace_module::Value;
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::Arc;

/// So many runs are kept; a run that waits for long is not worth it, and goes with all others when there are more.
const KEPT: usize = 1_024;

/// Runs that go on soon.
#[derive(Default)]
pub(crate) struct Hot {
    table: FxHashMap<RunId, Kept>,
}

/// What is kept of a run, as the code of its deployment has it: one that was moved to another is read anew.
pub(crate) struct Kept {
    deployment: DeploymentId,
    what: What,
}

enum What {
    /// The record of the event on which it begins.
    Record(Value),
    /// Its frames, and what they were written down as.
    Frames(Pieces, Box<dyn Frames>),
}

impl Hot {
    pub(crate) fn keep(&mut self, run: RunId, kept: Kept) {
        if self.table.len() >= KEPT {
            self.table.clear();
        }
        self.table.insert(run, kept);
    }

    pub(crate) fn take(&mut self, run: RunId) -> Option<Kept> {
        self.table.remove(&run)
    }
}

impl Kept {
    /// The record on which a run begins.
    pub(crate) fn record(deployment: DeploymentId, record: Value) -> Kept {
        Kept { deployment, what: What::Record(record) }
    }

    /// Frames, and what they were written down as.
    pub(crate) fn frames(deployment: DeploymentId, written: Pieces, frames: Box<dyn Frames>) -> Kept {
        Kept { deployment, what: What::Frames(written, frames) }
    }

    /// The record on which this run begins.
    pub(crate) fn into_record(self, run: &Run) -> Option<Value> {
        match self.what {
            What::Record(record) if self.deployment == run.deployment => Some(record),
            What::Record(_) | What::Frames(..) => None,
        }
    }

    /// The frames of this run, and the pieces that were written of them, where those are what is written now.
    pub(crate) fn into_frames(self, run: &Run, written: &Blob) -> Option<(Pieces, Box<dyn Frames>)> {
        match self.what {
            What::Frames(pieces, frames) if self.deployment == run.deployment && are(&pieces, written) => {
                Some((pieces, frames))
            }
            What::Frames(..) | What::Record(_) => None,
        }
    }
}

/// Whether these pieces together are those bytes.
fn are(pieces: &[Arc<[u8]>], written: &Blob) -> bool {
    if let [whole] = pieces
        && Arc::ptr_eq(whole, &written.0)
    {
        return true;
    }
    let mut rest = &*written.0;
    pieces.iter().all(|piece| rest.strip_prefix(&**piece).map(|behind| rest = behind).is_some())
        && rest.is_empty()
}

impl fmt::Debug for Hot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hot({})", self.table.len())
    }
}
