//! Parked runs: nothing goes on until a person says what became of something, or until their code or an account is
//! there again, or until a person wants it tried again, where the runtime itself failed at it.

use super::accounts::missing;
use super::draft::Draft;
use crate::record::{Record, Yielded};
use crate::stored::{Operation, Run};
use carapace_effect::Life;

/// Whether the run waits for a person, for its code, or for an account that is gone.
pub(super) fn is_parked(draft: &Draft<'_>, run: &Run) -> bool {
    let unknown = |operation: &Operation| operation.parts().iter().any(|part| part.life == Life::Unknown);
    let handed_over = |operation: &Operation| matches!(operation, Operation::HandedOver { .. });
    run.quarantined.is_some()
        || draft.deployment_of(run.id).is_none_or(|deployment| deployment.code.is_err())
        || run.settling.values().any(unknown)
        || run.operations.values().any(handed_over)
        || run.operations.values().any(|operation| missing(draft.state, operation).is_some())
}

/// A run that is parked and over its `timeout` gives its lane to the next, so that one run does not stop all others.
pub(super) fn give_way(draft: &mut Draft<'_>, run: &Run) {
    let holds = |lane| draft.state.lanes.get(lane).is_some_and(|lane| lane.running == Some(run.id));
    if run.lane.as_ref().is_some_and(holds) {
        draft.push(Record::Yielded(Yielded { run: run.id }));
    }
}
