//! A run shall end.

use super::draft::Draft;
use super::quarantine;
use crate::command::{Rejection, Reply};
use crate::record::{Cancelling, DropReason, Record, Skipped};
use crate::stored::Phase;
use carapace_effect::RunId;

pub(super) fn cancel(draft: &mut Draft<'_>, run: RunId, reason: &str) -> Reply {
    let Some(stored) = draft.state.runs.get(run) else {
        return Reply::Rejected(Rejection {
            code: "E0910",
            message: format!("no run `{run}` lives"),
            help: Some("`carapace runs list` lists those that do".to_owned()),
        });
    };
    if !draft.cancelled.insert(run) {
        return Reply::Done;
    }
    match stored.phase {
        _ if stored.quarantined.is_some() => quarantine::cancel(draft, stored, reason),
        Phase::Queued => {
            let reason = DropReason::Cancelled(reason.into());
            draft.push(Record::Skipped(Skipped { run, reason }));
        }
        Phase::Running => draft.push(Record::Cancelling(Cancelling { run, reason: reason.into() })),
        Phase::Cancelling | Phase::Over(_) => {}
    }
    Reply::Done
}
