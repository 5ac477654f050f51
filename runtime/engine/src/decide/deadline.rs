//! Deadlines of questions and waits on channels that do not hear.
//!
//! While a channel is away, the answer may lie there already: the deadline waits until everything that piled up was
//! pushed, but not for long. An answer counts by the time at which it was given.

use super::draft::Draft;
use crate::record::{Held, Record};
use crate::state::State;
use crate::stored::{Operation, Place, Run};
use carapace_effect::{OpId, RunId};
use std::sync::Arc;

/// How long a deadline waits for a channel, counted from when it passed, or from when the channel went away after that.
const GRACE: i64 = 60_000;

/// Puts the deadline off, where it is one of something that may be answered on a channel that does not hear.
pub(super) fn put_off(draft: &mut Draft<'_>, run: &Run, op: &OpId) -> bool {
    let Some(Operation::Timer { due, deadline: true, .. }) = run.operations.get(op) else { return false };
    let until = longest(draft.state, enclosed(run, op), *due, None);
    hold(draft, run.id, Some(op), until)
}

/// The same for the run's `timeout`.
pub(super) fn put_off_timeout(draft: &mut Draft<'_>, run: &Run, due: i64) -> bool {
    let until = longest(draft.state, run.operations.values().map(|o| (run, o)), due, None);
    hold(draft, run.id, None, until)
}

fn hold(draft: &mut Draft<'_>, run: RunId, op: Option<&OpId>, until: Option<i64>) -> bool {
    let Some(until) = until.filter(|until| *until > draft.now) else { return false };
    draft.push(Record::Held(Held { run, op: op.cloned(), until }));
    true
}

/// The account hears again: deadlines that waited for it pass now, unless they wait for another one, too.
pub(super) fn release(draft: &mut Draft<'_>, account: &str) {
    let state = draft.state;
    for (id, op) in state.runs.held() {
        let Some(run) = state.runs.get(*id) else { continue };
        let Some(Operation::Timer { due, .. }) = run.operations.get(op) else { continue };
        let until = longest(state, enclosed(run, op), *due, Some(account)).unwrap_or(*due);
        draft.push(Record::Held(Held { run: *id, op: Some(op.clone()), until }));
    }
}

/// Whether what happened at `at` comes too late for the operation: its deadline had passed by then, and only waits for
/// the channel.
pub(super) fn is_past(run: &Run, op: &OpId, at: Option<i64>, now: i64) -> bool {
    let Some(at) = at else { return false };
    run.operations.iter().any(|(deadline, operation)| {
        matches!(operation, Operation::Timer { due, deadline: true, .. } if *due <= now && *due < at)
            && encloses(deadline, op)
    })
}

/// Whether the time in which the operation is of use is over.
pub(super) fn is_over(run: &Run, op: &OpId, now: i64) -> bool {
    let deadlines = run.operations.iter().filter(|(deadline, _)| encloses(deadline, op));
    let due = deadlines.filter_map(|(_, operation)| match operation {
        Operation::Timer { due, deadline: true, .. } => Some(*due),
        _ => None,
    });
    due.chain(run.timeout).any(|due| due <= now)
}

/// Until when a deadline waits for the channels that these may be answered on; `hears`: one that does again.
fn longest<'r>(
    state: &State,
    operations: impl Iterator<Item = (&'r Run, &'r Operation)>,
    due: i64,
    hears: Option<&str>,
) -> Option<i64> {
    let accounts = operations.flat_map(|(run, operation)| accounts(run, operation));
    let deaf = accounts.filter(|account| hears != Some(&**account));
    let since = deaf.filter_map(|account| state.deaf.get(account)).max()?;
    Some(due.max(*since).saturating_add(GRACE))
}

/// What goes on under a deadline: its scope is open, and so everything of its task that began later is inside of it, and
/// everything of the branches of its task.
fn enclosed<'r>(run: &'r Run, deadline: &OpId) -> impl Iterator<Item = (&'r Run, &'r Operation)> {
    let inside = run.operations.iter().filter(move |(op, _)| encloses(deadline, op));
    inside.map(move |(_, operation)| (run, operation))
}

pub(super) fn encloses(deadline: &OpId, op: &OpId) -> bool {
    op.task.0.starts_with(&deadline.task.0) && (op.task != deadline.task || op.ordinal > deadline.ordinal)
}

/// Where the operation may be answered.
fn accounts<'r>(run: &'r Run, operation: &'r Operation) -> Vec<&'r Arc<str>> {
    let places = match operation {
        Operation::Next { of } => run.operations.get(of).map_or(&[][..], |listener| listener.places().0),
        operation => operation.places().0,
    };
    places.iter().filter_map(Place::account).collect()
}
