//! The state's own agenda.

use super::draft::Draft;
use super::{event, start};
use crate::command::Reply;
use crate::record::Record;
use crate::state::Work;

pub(super) fn work(draft: &mut Draft<'_>, number: u64) -> Reply {
    let Some(work) = draft.state.agenda.get(number) else { return Reply::Done };
    draft.push(Record::Worked { work: number });
    match work {
        // Its deployment is gone: nothing can be done but leave it alone, visibly, until there is one.
        Work::Advance { .. } => {}
        Work::Lane { lane } => start::next_in_lane(draft, lane),
        Work::Dispatch { event } => event::take(draft, event.clone(), None),
    }
    Reply::Done
}
