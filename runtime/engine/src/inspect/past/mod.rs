//! Runs that are over: which there were, and where in the journal each is told of.
//!
//! Every part of the archive has an [`Index`] of the runs in it, made when it was put away; the live lines are indexed when
//! somebody asks. So one run's story needs only the parts that tell of it.

mod finished;
mod index;

pub(super) use finished::visit_parts_of;
pub use finished::{Ended, find_past, finished};
pub use index::Runs;
