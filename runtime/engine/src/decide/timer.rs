//! A timer's time has come.

use super::draft::Draft;
use super::start::{Start, start};
use super::{deadline, judge, parked, report, schedule};
use crate::command::Reply;
use crate::record::{Delivered, DropReason, Forgotten, Record, TimedOut};
use crate::stored::{Operation, OutcomeRecord};
use crate::wire::Wire;
use crate::{Key, Timer};
use carapace_module::Value;
use std::sync::Arc;

pub(super) fn timer(draft: &mut Draft<'_>, due: i64, timer: Timer) -> Reply {
    if due > draft.now || !draft.state.timers.contains(due, &timer) {
        return Reply::Done;
    }
    match &timer {
        Timer::Operation { run, op } => {
            let stored = draft.state.runs.get(*run);
            if stored.is_some_and(|stored| deadline::put_off(draft, stored, op)) {
                return Reply::Done;
            }
            let stored = stored.and_then(|run| run.operations.get(op));
            if matches!(stored, Some(Operation::Timer { .. })) {
                let outcome = OutcomeRecord::Done(Wire(Value::None));
                let (run, op) = (*run, op.clone());
                draft.push(Record::Delivered(Delivered { run, op, outcome, from: None }));
            }
        }
        Timer::Timeout { run } => {
            let Some(stored) = draft.state.runs.get(*run) else { return Reply::Done };
            if deadline::put_off_timeout(draft, stored, due) {
                return Reply::Done;
            }
            draft.push(Record::TimedOut(TimedOut { run: *run }));
            if parked::is_parked(draft, stored) {
                parked::give_way(draft, stored);
            }
        }
        Timer::Resend { act } => {
            report::lost(draft, act);
        }
        // That it is over is all there is to say.
        Timer::Outbox { .. } => {}
        Timer::Debounce { flow, key } => silence(draft, flow, key),
        Timer::Slot { flow, trigger } => schedule::slot(draft, flow, *trigger, due),
        Timer::Forget { state, key } => {
            let (state, key) = (state.clone(), key.clone());
            draft.push(Record::Forgotten(Forgotten { state, key }));
        }
    }
    // Last: what it starts may refer to what goes away with it.
    draft.push(Record::Fired { due, timer });
    Reply::Done
}

/// It was silent for long enough: the last event starts the flow.
fn silence(draft: &mut Draft<'_>, name: &Arc<str>, key: &Key) {
    let state = draft.state;
    let waiting = state.regulation.debounces.get(&(name.clone(), key.clone()));
    let (Some(waiting), Some(deployment)) = (waiting, draft.serving_flow(name)) else { return };
    let (Some(flow), Some(taken)) = (deployment.flow(name), state.events.get(waiting.event)) else { return };
    match judge::record_of(deployment, flow, waiting.trigger, taken) {
        Ok(record) => {
            let (trigger, event) = (waiting.trigger, waiting.event);
            start(
                draft,
                &Start {
                    deployment,
                    flow,
                    trigger,
                    event,
                    record,
                    judged: true,
                    settled: true,
                    retries: None,
                },
            );
        }
        Err(fault) => draft.drop(waiting.event, name, DropReason::Fault(fault)),
    }
}
