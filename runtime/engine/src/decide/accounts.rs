//! The accounts that the runtime has. What is to go to one that is gone waits in the outbox, visibly, until that is there
//! again: a run is parked rather than told that it failed, as its flow is not to blame.

use super::draft::Draft;
use crate::command::Reply;
use crate::record::{Accounts, Record};
use crate::state::State;
use crate::stored::{Operation, Part};
use carapace_effect::Life;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn accounts(draft: &mut Draft<'_>, there: BTreeSet<Arc<str>>) -> Reply {
    if draft.state.accounts.as_ref() != Some(&there) {
        draft.push(Record::Accounts(Accounts { there }));
    }
    Reply::Done
}

/// The account that an operation waits for, where that is gone.
pub(crate) fn missing<'o>(state: &State, operation: &'o Operation) -> Option<&'o Arc<str>> {
    let waits = |part: &&Part| matches!(part.life, Life::Requested | Life::Started { .. });
    let to = operation.parts().iter().filter(waits).filter_map(|part| part.to.as_ref());
    to.map(|to| to.account()).find(|account| !state.has_account(account))
}
