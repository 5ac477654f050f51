//! A performer says what came of an act; or the process that had started it is gone.

use super::act::find;
use super::draft::Draft;
use super::ran::close;
use super::request::begin;
use super::{budget, deadline, letter, outbox, parked, session};
use crate::ActId;
use crate::command::Reply;
use crate::record::{Delivered, Late, Record, Reported};
use crate::state::Deployment;
use crate::stored::{Call, Operation, OutcomeRecord, Part, Phase, Run};
use crate::wire::Wire;
use crate::{Report, Reported as Said};
use carapace_effect::{Failure, FailureKind, Life};
use carapace_module::Value;
use carapace_module::json::from_json;

/// How often something whose outcome is unknown is sent again, where it may be.
const RESENDS: u32 = 5;

/// The first pause before that, in milliseconds; it doubles.
const RESEND_PAUSE: i64 = 1_000;

pub(super) fn report(draft: &mut Draft<'_>, report: &Report) -> Reply {
    if letter::report(draft, report) {
        return Reply::Done;
    }
    if let Said::Spent(_, usage) = &report.outcome {
        budget::spent(draft, &report.act, usage);
    }
    let came = report.outcome.bare();
    let state = draft.state;
    let Some((run, operation, part)) = find(state, &report.act) else { return Reply::Done };
    if part.life.is_settled() || report.attempt > part.attempts {
        // Heard twice, or of an attempt that nobody made.
        return Reply::Done;
    }
    if report.attempt < part.attempts && !matches!(came, Said::Done(_) | Said::Sent(..) | Said::Value(_)) {
        // A later attempt is under way: that an earlier one failed says nothing about it. That it happened does.
        return Reply::Done;
    }
    if let Said::Held { message, after, whole } = came
        && part.to.is_some()
        && run.operations.contains_key(&report.act.op)
    {
        outbox::give_back(draft, &report.act, part, message, *after, *whole);
        return Reply::Done;
    }
    let (Some(call), Some(deployment)) = (operation.call(), draft.deployment_of(run.id)) else {
        return Reply::Done;
    };
    let (life, outcome) = verdict(deployment, operation, call, came);
    let repeats = call.may_repeat(part.first, draft.now);
    if life == Life::Unknown && repeats && part.attempts < RESENDS {
        return resend(draft, &report.act, part);
    }
    let at = draft.records.len();
    settle(draft, run, operation, &report.act, life, outcome);
    if let (Said::Sent(_, sent), Some(Record::Reported(reported))) = (came, draft.records.get_mut(at)) {
        reported.sent = Some(sent.clone());
    }
    Reply::Done
}

/// Nobody will report any more, or the pause before the next attempt is over. What may be repeated is sent again, with
/// the same key; the rest is unknown.
pub(super) fn lost(draft: &mut Draft<'_>, act: &ActId) -> Reply {
    let Some((run, operation, part)) = find(draft.state, act) else { return letter::lost(draft, act) };
    if !matches!(part.life, Life::Started { .. }) {
        return Reply::Done;
    }
    // It waits until its account is there again: the next start asks once more.
    if part.to.as_ref().is_some_and(|to| !draft.state.has_account(to.account())) {
        return Reply::Done;
    }
    // What is of no use any more is not sent again, though nobody knows whether it was sent before.
    let of_use = part.to.is_none() || !deadline::is_over(run, &act.op, draft.now);
    if of_use && operation.call().is_some_and(|call| call.may_repeat(part.first, draft.now)) {
        begin(draft, act.clone(), part.attempts.saturating_add(1));
    } else {
        settle(draft, run, operation, act, Life::Unknown, Some(OutcomeRecord::Unknown));
    }
    Reply::Done
}

fn verdict(
    deployment: &Deployment,
    operation: &Operation,
    call: &Call,
    said: &Said,
) -> (Life, Option<OutcomeRecord>) {
    let failed = |kind, message: &str| Some(OutcomeRecord::Failed(Failure::new(kind, message)));
    match said {
        Said::Value(value) => (Life::Done, Some(OutcomeRecord::Done(Wire(value.clone())))),
        // What a prompt left behind is not the question's answer.
        Said::Done(_) | Said::Sent(..) if matches!(operation, Operation::Question { .. }) => {
            (Life::Done, None)
        }
        Said::Done(json) | Said::Sent(json, _) => {
            let code = deployment.code.as_ref().map_err(Clone::clone);
            let value = code.and_then(|code| {
                from_json(json, &call.result, &code.module().types).map_err(|e| e.to_string())
            });
            match value {
                Ok(value) => (Life::Done, Some(OutcomeRecord::Done(Wire(value)))),
                Err(e) => {
                    (Life::Done, failed(FailureKind::Invalid, &format!("the answer does not fit: {e}")))
                }
            }
        }
        Said::Partly(_, failure) if matches!(operation, Operation::Question { .. }) => {
            (Life::Refused, Some(OutcomeRecord::Failed(failure.clone())))
        }
        Said::Partly(json, failure) => {
            let code = deployment.code.as_ref().ok();
            let value = code.and_then(|code| from_json(json, &call.result, &code.module().types).ok());
            let value = Wire(value.unwrap_or(Value::None));
            (Life::Refused, Some(OutcomeRecord::Partly(value, failure.clone())))
        }
        Said::Failed(failure) => (Life::Refused, Some(OutcomeRecord::Failed(failure.clone()))),
        Said::NotPerformed(message) | Said::Held { message, .. } => {
            (Life::NotPerformed, failed(FailureKind::NotPerformed, message))
        }
        Said::Unknown(_) | Said::Spent(..) => (Life::Unknown, Some(OutcomeRecord::Unknown)),
    }
}

fn resend(draft: &mut Draft<'_>, act: &ActId, part: &Part) -> Reply {
    let full = RESEND_PAUSE.saturating_mul(1 << part.attempts.saturating_sub(1).min(20));
    let pause = full - full / 2 + draft.entropy.up_to(full / 2);
    draft.push(Record::Reported(Reported {
        act: act.clone(),
        life: part.life,
        sent: None,
        outcome: None,
        resend: Some(draft.now.saturating_add(pause)),
    }));
    Reply::Done
}

/// Writes down what came of an act, and tells the run once all acts of the operation have come to something.
pub(super) fn settle(
    draft: &mut Draft<'_>,
    run: &Run,
    operation: &Operation,
    act: &ActId,
    life: Life,
    outcome: Option<OutcomeRecord>,
) {
    let outcome = match operation.call() {
        Some(call) => session::settle(draft, run, call, act, outcome),
        None => outcome,
    };
    letter::shelve(draft, run, operation, act, life, outcome.as_ref());
    let mut parts = operation.parts().to_vec();
    if let Some(part) = parts.get_mut(act.part as usize) {
        part.life = life;
        part.outcome.clone_from(&outcome);
        part.resend = None;
    }
    draft.push(Record::Reported(Reported { act: act.clone(), life, outcome, sent: None, resend: None }));
    if life == Life::Unknown && run.overdue {
        parked::give_way(draft, run);
    }
    if parts.iter().any(|part| matches!(part.life, Life::Started { .. } | Life::Requested)) {
        return;
    }
    let (id, op) = (run.id, act.op.clone());
    if run.operations.contains_key(&act.op) {
        if let Some(outcome) = total(operation, &parts) {
            draft.push(Record::Delivered(Delivered { run: id, op, outcome, from: None }));
        }
        return;
    }
    if parts.iter().any(|part| part.life == Life::Unknown) {
        // Nobody can know about all of it yet.
        return;
    }
    let is_effect = matches!(operation, Operation::Effect { .. });
    if let Some(outcome) = total(operation, &parts).filter(|_| is_effect) {
        // It may be waited for still, where nobody could know; and what happened may have to be taken back.
        draft.push(Record::Late(Late { run: id, op, outcome }));
    } else if let Phase::Over(end) = &run.phase
        && run.inbox.is_empty()
        && run.operations.is_empty()
        && run.work.is_none()
        && run.settling.keys().all(|settling| *settling == op)
    {
        close(draft, run, end, run.handled);
    }
}

/// What came of an operation whose acts have all come to something. None: a question that was put and waits.
fn total(operation: &Operation, parts: &[Part]) -> Option<OutcomeRecord> {
    let outcomes = || parts.iter().filter_map(|part| part.outcome.as_ref());
    let failed = outcomes().find(|outcome| matches!(outcome, OutcomeRecord::Failed(_)));
    let partly = || outcomes().find(|outcome| matches!(outcome, OutcomeRecord::Partly(..)));
    if let Operation::Question { .. } = operation {
        let all_failed = parts.iter().all(|part| matches!(part.life, Life::Refused | Life::NotPerformed));
        return failed.filter(|_| all_failed).cloned();
    }
    if outcomes().any(|outcome| *outcome == OutcomeRecord::Unknown) {
        return Some(OutcomeRecord::Unknown);
    }
    let happened = outcomes().find_map(|outcome| match outcome {
        OutcomeRecord::Done(value) | OutcomeRecord::Partly(value, _) => Some(value.clone()),
        OutcomeRecord::Failed(_) | OutcomeRecord::Unknown => None,
    });
    match (failed, happened) {
        (Some(OutcomeRecord::Failed(failure)), Some(value)) => {
            Some(OutcomeRecord::Partly(value, failure.clone()))
        }
        (failed, _) => failed.or_else(partly).or_else(|| outcomes().next()).cloned(),
    }
}
