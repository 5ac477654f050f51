//! The state's own agenda.

use super::draft::Draft;
use super::{event, outbox, parked, start};
use crate::command::Reply;
use crate::record::{Record, Woken};
use crate::state::Work;
use carapace_effect::RunId;

pub(super) fn work(draft: &mut Draft<'_>, number: u64) -> Reply {
    let Some(work) = draft.state.agenda.get(number) else { return Reply::Done };
    draft.push(Record::Worked { work: number });
    match work {
        // Its code is not there: nothing can be done but leave it alone, visibly, until it is.
        Work::Advance { run } => {
            if let Some(run) = draft.state.runs.get(*run).filter(|run| run.overdue) {
                parked::give_way(draft, run);
            }
        }
        Work::Outbox { account } => outbox::go_on(draft, account),
        Work::Lane { lane } => start::next_in_lane(draft, lane),
        Work::Dispatch { event, root } => {
            let recognised = event::Recognised { seen: None, root: *root };
            event::take(draft, event.clone(), recognised);
        }
    }
    Reply::Done
}

/// A run that has something to do and that nobody advances, because its code was not there: it is now.
pub(super) fn wake(draft: &mut Draft<'_>, run: RunId) -> Reply {
    if draft.state.is_idle(run) && draft.deployment_of(run).is_some_and(|deployment| deployment.code.is_ok())
    {
        draft.push(Record::Woken(Woken { run }));
    }
    Reply::Done
}
