//! A person says what became of an operation whose outcome is unknown.

use super::draft::Draft;
use super::report::settle;
use crate::ActId;
use crate::command::{Rejection, Reply, Resolution};
use crate::record::{Delivered, Record};
use crate::stored::{Operation, OutcomeRecord};
use crate::wire::Wire;
use carapace_effect::{Life, OpId, RunId};
use carapace_module::Value;

pub(super) fn resolve(draft: &mut Draft<'_>, id: RunId, op: &OpId, outcome: Resolution) -> Reply {
    let nothing = || {
        Reply::Rejected(Rejection {
            code: "E0911",
            message: format!("run `{id}` has no operation `{op}` whose outcome is unknown"),
            help: Some("`carapace runs show` lists them".to_owned()),
        })
    };
    let Some(run) = draft.state.runs.get(id) else { return nothing() };
    if let Some(Operation::HandedOver { .. }) = run.operations.get(op) {
        // However they did it: the step is seen to, and the ones before it are taken back now.
        let outcome = OutcomeRecord::Done(Wire(Value::None));
        draft.push(Record::Delivered(Delivered { run: id, op: op.clone(), outcome, from: None }));
        return Reply::Done;
    }
    let Some(operation) = run.settling.get(op) else { return nothing() };
    let part = operation.parts().iter().position(|part| part.life == Life::Unknown);
    let Some(part) = part.and_then(|part| u32::try_from(part).ok()) else { return nothing() };
    let (life, outcome) = match outcome {
        Resolution::Done(value) => (Life::Done, OutcomeRecord::Done(Wire(value))),
        Resolution::Failed(failure) => (Life::Refused, OutcomeRecord::Failed(failure)),
    };
    let act = ActId { run: id, op: op.clone(), part };
    settle(draft, run, operation, &act, life, Some(outcome));
    Reply::Done
}
