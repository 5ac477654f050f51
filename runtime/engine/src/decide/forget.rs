//! A person is to be forgotten.

use super::draft::Draft;
use crate::command::{Rejection, Reply};
use crate::record::{Forgetting, Forgot, Record};

/// One at a time: what the journal holds of one is erased before the next is begun with.
pub(super) fn forget(draft: &mut Draft<'_>, forgetting: Forgetting) -> Reply {
    if draft.state.forgettings.is_under_way() {
        return Reply::Rejected(Rejection {
            code: "E0969",
            message: "somebody else is being forgotten at this moment".to_owned(),
            help: Some("try again when that is done".to_owned()),
        });
    }
    draft.push(Record::Forgetting(Box::new(forgetting)));
    Reply::Done
}

/// What was under way is done.
pub(super) fn forgot(draft: &mut Draft<'_>, records: u64) -> Reply {
    if let Some((line, _)) = &draft.state.forgettings.under_way {
        draft.push(Record::Forgot(Forgot { line: *line, records }));
    }
    Reply::Done
}
