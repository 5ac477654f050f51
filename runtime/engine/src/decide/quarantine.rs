//! Runs at which the runtime itself fails: they are left alone, and the others go on.

use super::draft::Draft;
use crate::command::Reply;
use crate::record::{Cancelling, Closed, Crashed, Quarantined, Record, Stretched, Woken};
use crate::stored::{End, Phase, Run};
use carapace_effect::RunId;

/// So many starts in a row that ended while they carried a run out, and it is left alone. Once may be chance: the machine lost its
/// power, or somebody killed the process. Twice may be, too: the first that a start does is to go on with that run, and on a
/// busy machine its thread waits in the middle of it for longer than somebody who kills again and again.
const CRASHES: u32 = 3;

/// The process before this one ended while it carried a run out.
pub(super) fn crashed(draft: &mut Draft<'_>, id: RunId) -> Reply {
    let Some(run) = draft.state.runs.get(id) else { return Reply::Done };
    draft.push(Record::Crashed(Crashed { run: id, at: draft.now }));
    let crashes = run.crashes.saturating_add(1);
    if crashes >= CRASHES && run.quarantined.is_none() {
        quarantine(
            draft,
            run,
            &format!("the runtime ended {crashes} times in a row while it carried it out"),
        );
    }
    Reply::Done
}

/// Leaves it alone.
pub(super) fn quarantine(draft: &mut Draft<'_>, run: &Run, why: &str) {
    let (id, flow, at) = (run.id, run.flow.clone(), draft.now);
    draft.push(Record::Quarantined(Quarantined { run: id, flow, at, why: why.into() }));
    if run.overdue {
        super::parked::give_way(draft, run);
    }
}

/// A person wants it tried again: it goes on where it was. One that failed begins anew.
pub(super) fn retry(draft: &mut Draft<'_>, id: RunId) -> Reply {
    if draft.state.runs.get(id).is_none_or(|run| run.quarantined.is_none()) {
        return super::again::again(draft, id);
    }
    draft.push(Record::Woken(Woken { run: id }));
    Reply::Started(id)
}

/// A person wants it to end. It is asked to, so that what it did is taken back; one at which the runtime fails even then
/// ends without that.
pub(super) fn cancel(draft: &mut Draft<'_>, run: &Run, reason: &str) {
    let id = run.id;
    match &run.phase {
        Phase::Queued | Phase::Running => {
            draft.push(Record::Cancelling(Cancelling { run: id, reason: reason.into() }));
            draft.push(Record::Woken(Woken { run: id }));
        }
        Phase::Cancelling => {
            let end = End::Cancelled(format!("{reason}; what it did was not taken back").into());
            draft.push(Record::Stretched(Box::new(Stretched {
                run: id,
                now: draft.now,
                seed: 0,
                told: false,
                writes: Vec::new(),
                frames: None,
                end: Some(end),
                handled: true,
                fuel: 0,
            })));
            draft.push(Record::Closed(Closed { run: id, at: draft.now }));
        }
        Phase::Over(_) => draft.push(Record::Closed(Closed { run: id, at: draft.now })),
    }
}
