//! How a run ended, for whoever waits for that.

use crate::record::Record;
use crate::state::State;
use crate::stored::{End, Phase};
use carapace_effect::RunId;
use carapace_store::{Error, Past, Position};
use std::ops::ControlFlow;

/// How a run ended, as far as the state still knows: the last runs that finished are in it.
pub fn end_of(state: &State, run: RunId) -> Option<End> {
    let live = state.runs.get(run).and_then(|run| match &run.phase {
        Phase::Over(end) => Some(end.clone()),
        _ => None,
    });
    live.or_else(|| {
        let last = state.finished.iter().rev().find(|summary| summary.run == run)?;
        Some(last.end.clone())
    })
}

/// How a run ended, as the line of the journal has it that says so.
///
/// # Errors
/// Where the journal cannot be read.
pub fn end_in<J: Past + ?Sized>(journal: &J, run: RunId, seq: u64) -> Result<Option<End>, Error> {
    let mut end = None;
    journal.lines(Position(seq.saturating_sub(1)), &mut |line| {
        let mut records = line.records.iter().filter_map(|record| serde_json::from_str(record.get()).ok());
        end = records.find_map(|record| match record {
            Record::Stretched(stretched) if stretched.run == run => stretched.end,
            _ => None,
        });
        ControlFlow::Break(())
    })?;
    Ok(end)
}
