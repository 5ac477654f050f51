//! Deadlines of agents' turns: the time in which somebody is asked to agree to a tool's call does not count against them.
//!
//! While somebody is asked, such a deadline stands still: it is due so far away that nothing comes of it, and remembers what was left.

use super::deadline::encloses;
use super::draft::Draft;
use crate::record::{PutOff, Record};
use crate::stored::{Asking, Operation, Run};
use carapace_effect::{OpId, Request, RequestKind};

/// When a deadline is due that stands still: the year 9999, which every calendar here still knows.
const FAR: i64 = 253_370_764_800_000;

/// Asks a group to agree.
const APPROVE: &str = "chat.approve";

/// Somebody is asked to agree, by this operation: deadlines of the turn that it belongs to stand still.
pub(super) fn stand_still(draft: &mut Draft<'_>, run: &Run, op: &OpId) {
    for (deadline, operation) in &run.operations {
        if let Operation::Timer { due, patient: true, left: None, .. } = operation
            && encloses(deadline, op)
        {
            let left = Some(due.saturating_sub(draft.now).max(0));
            let (run, op) = (run.id, deadline.clone());
            draft.push(Record::PutOff(PutOff { run, op, due: FAR, left }));
        }
    }
}

/// The run goes on: deadlines that stood still, and under which nobody is asked any more, go on, too. Who is asked next, with what the
/// run requests now, is asked meanwhile.
pub(super) fn go_on(draft: &mut Draft<'_>, run: &Run, requests: &[Request]) {
    for (deadline, operation) in &run.operations {
        let Operation::Timer { left: Some(left), .. } = operation else { continue };
        let asked = |(op, operation): (&OpId, &Operation)| is_approval(operation) && encloses(deadline, op);
        let asks = |request: &Request| asks_to_agree(&request.kind) && encloses(deadline, &request.op);
        if !run.operations.iter().any(asked) && !requests.iter().any(asks) {
            let (run, op, due) = (run.id, deadline.clone(), draft.now.saturating_add(*left));
            draft.push(Record::PutOff(PutOff { run, op, due, left: None }));
        }
    }
}

fn asks_to_agree(kind: &RequestKind) -> bool {
    matches!(kind, RequestKind::Effect(effect) if *effect.effect == *APPROVE)
}

fn is_approval(operation: &Operation) -> bool {
    matches!(operation, Operation::Question { question, .. } if matches!(question.asking, Asking::Approval { .. }))
}
