//! From a journal to the engine that wrote it.

use super::Error;
use crate::machine::Loader;
use crate::record::Record;
use crate::state::State;
use carapace_store::{Line, Past};
use std::ops::ControlFlow;

/// The state that a journal tells of: that of its checkpoint, and every line after it applied.
pub(crate) fn recover<J: Past + ?Sized>(journal: &J, loader: Loader) -> Result<State, Error> {
    let mut state = match journal.checkpoint()? {
        Some(checkpoint) => State::restore(&checkpoint.state, loader)?,
        None => State::new(loader),
    };
    let mut mistaken = None;
    let after = carapace_store::Position(state.sequence);
    journal.lines(after, &mut |line| match records(&line) {
        Ok(records) => {
            state.apply(&records);
            ControlFlow::Continue(())
        }
        Err(source) => {
            mistaken = Some(Error::Line { line: line.seq, source });
            ControlFlow::Break(())
        }
    })?;
    mistaken.map_or(Ok(state), Err)
}

fn records(line: &Line<'_>) -> Result<Vec<Record>, serde_json::Error> {
    line.records.iter().map(|record| serde_json::from_str(record.get())).collect()
}
