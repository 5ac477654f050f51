//! From a journal to the engine that wrote it.

use super::Error;
use crate::machine::Loader;
use crate::record::Record;
use crate::state::State;
use crate::stored::StoredModule;
use carapace_store::{BlobId, Line, Past, Store};
use std::ops::ControlFlow;

/// A run to which nothing has happened for so many lines is laid on the shelf: longer than any run takes that does not
/// wait for a person or a time, so that those are never written down apart from the journal.
pub(super) const REST_AFTER: u64 = 4_096;

/// How often that is looked after while a journal is read.
const REST_EVERY: u64 = 1_024;

/// The state that a journal tells of: that of its checkpoint, and every line after it applied. Somebody else may own it.
pub(crate) fn recover<J: Past + ?Sized>(journal: &J, loader: Loader) -> Result<State, Error> {
    let state = match journal.checkpoint()? {
        Some(checkpoint) => {
            let mut modules = |module: &mut StoredModule| find(journal, module);
            State::look_at(&checkpoint.state, loader, journal.shelf(), &mut modules)?
        }
        None => State::new(loader),
    };
    replay(journal, state, |_| {})
}

/// As [`recover`], by who owns the journal: what rests, rests there from now on.
pub(super) fn take_over(journal: &dyn Store, loader: Loader) -> Result<State, Error> {
    let state = match journal.read_checkpoint()? {
        Some(checkpoint) => {
            let mut modules = |module: &mut StoredModule| find(journal, module);
            State::take_over_with(&checkpoint.state, loader, journal.shelf(), &mut modules)?
        }
        None => {
            let mut state = State::new(loader);
            state.rest_on(journal.shelf())?;
            state
        }
    };
    // A journal without a checkpoint may tell of more runs than there is memory for.
    let state = replay(journal, state, |state| {
        if state.sequence % REST_EVERY == 0 {
            state.rest(REST_AFTER);
        }
    })?;
    state.failure().cloned().map_or(Ok(state), |failure| Err(failure.into()))
}

/// Every line after what a state holds applied to it; `between` sees it after each.
pub(crate) fn replay<J: Past + ?Sized>(
    journal: &J,
    mut state: State,
    mut between: impl FnMut(&mut State),
) -> Result<State, Error> {
    let mut mistaken = None;
    let after = carapace_store::Position(state.sequence);
    journal.lines(after, &mut |line| match records(&line) {
        Ok(mut records) => {
            for record in &mut records {
                if let Record::Deployed(deployed) = record {
                    find(journal, &mut deployed.module);
                }
            }
            state.apply(&records);
            between(&mut state);
            ControlFlow::Continue(())
        }
        Err(source) => {
            mistaken = Some(Error::Line { line: line.seq, source });
            ControlFlow::Break(())
        }
    })?;
    mistaken.map_or(Ok(state), Err)
}

/// Looks for a module that the store keeps. One that is gone, or damaged, parks the runs that need it: the rest goes on.
fn find<J: Past + ?Sized>(journal: &J, module: &mut StoredModule) {
    if module.bytes().is_some() {
        return;
    }
    let Ok(id) = module.hash().parse::<BlobId>() else { return };
    match journal.blob(id) {
        Ok(Some(bytes)) => module.find(bytes),
        Ok(None) => tracing::warn!(module = %id, "a module is not in the data directory any more"),
        Err(error) => tracing::warn!(module = %id, %error, "a module cannot be read"),
    }
}

fn records(line: &Line<'_>) -> Result<Vec<Record>, serde_json::Error> {
    line.records.iter().map(|record| serde_json::from_str(record.get())).collect()
}
