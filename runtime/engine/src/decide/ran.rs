//! A run was advanced.

use super::draft::Draft;
use super::parked;
use super::patience;
use super::preview;
use super::quarantine;
use super::request::{Asker, request};
use super::session;
use crate::command::Reply;
use crate::machine::StretchStatus;
use crate::record::{Abandoned, Closed, Emitted, Late, Record, Stretched};
use crate::stored::{End, OutcomeRecord, Phase, Run, Tell};
use crate::stretch::{Ran, advance};
use crate::{Event, EventKind};
use carapace_effect::{Failure, OpId, Request, RequestKind};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn ran(draft: &mut Draft<'_>, ran: Ran) -> Reply {
    let Some(run) = draft.state.runs.get(ran.run) else { return Reply::Done };
    if run.work != Some(ran.work) {
        return Reply::Done;
    }
    let stale = ran.reads.iter().any(|r| draft.state.values.version(&r.state, &r.key) != r.version);
    let ran = if stale {
        // Another run committed to what this one read: it is run again on the state as it is now.
        match advance(draft.state, ran.run, ran.now, ran.seed) {
            Some(again) => again,
            None => return Reply::Done,
        }
    } else {
        ran
    };
    match &ran.stretch.status {
        StretchStatus::Panicked(panic) => {
            let why = format!("the runtime failed while it carried it out: {panic}");
            quarantine::quarantine(draft, run, &why);
        }
        _ => commit(draft, run, ran),
    }
    Reply::Done
}

fn commit(draft: &mut Draft<'_>, run: &Run, ran: Ran) {
    patience::go_on(draft, run, &ran.stretch.requests);
    let (end, handled) = match (&run.phase, end_of(ran.stretch.status)) {
        // How it ended, it ended: what came late changes nothing about that.
        (Phase::Over(end), Some(_)) => (Some(end.clone()), run.handled),
        (_, end) => (end, ran.stretch.handled),
    };
    let gone: BTreeSet<OpId> = match &end {
        // Whoever is over waits for nothing.
        Some(_) => run.operations.keys().cloned().chain(ran.stretch.abandoned).collect(),
        None => ran.stretch.abandoned.into_iter().collect(),
    };
    let late = late(run, &gone, ran.told, end.is_some());
    let settled = end.is_some()
        && late.is_empty()
        && run.settling.is_empty()
        && !gone.iter().any(|op| run.operations.get(op).is_some_and(|o| o.is_open()))
        && !remaining_late(run, ran.told);
    draft.push(Record::Stretched(Box::new(Stretched {
        run: run.id,
        now: ran.now,
        seed: ran.seed,
        told: ran.told,
        writes: ran.writes,
        frames: (!settled).then_some(ran.frames),
        end: end.clone(),
        handled,
        fuel: ran.stretch.fuel_used,
    })));
    if !gone.is_empty() {
        draft.push(Record::Abandoned(Abandoned { run: run.id, ops: gone.into_iter().collect() }));
    }
    for late in late {
        draft.push(Record::Late(late));
    }
    let hands_over = |request: &Request| matches!(request.kind, RequestKind::HandOver { .. });
    if run.overdue && ran.stretch.requests.iter().any(hands_over) {
        parked::give_way(draft, run);
    }
    if end.is_none() || !ran.stretch.requests.is_empty() {
        requests(draft, run, ran.stretch.requests);
    }
    if end.is_some() {
        preview::over(draft, run);
    }
    if settled && let Some(end) = &end {
        close(draft, run, end, handled);
    }
}

fn requests(draft: &mut Draft<'_>, run: &Run, requests: Vec<Request>) {
    let state = draft.state;
    let Some(deployment) = draft.deployment_of(run.id) else { return };
    let Ok(code) = &deployment.code else { return };
    let event = run.event.and_then(|n| state.events.get(n));
    let origin = event.and_then(|taken| taken.event.origin.as_ref());
    let asker = Asker { run, deployment, types: &code.module().types, origin };
    for one in requests {
        request(draft, &asker, one);
    }
}

fn end_of(status: StretchStatus) -> Option<End> {
    Some(match status {
        StretchStatus::Waiting | StretchStatus::Panicked(_) => return None,
        StretchStatus::Finished(value) => End::Succeeded(crate::wire::Wire(value)),
        StretchStatus::Failed(failure) => End::Failed(failure),
        StretchStatus::Cancelled(reason) => End::Cancelled(reason.into()),
        StretchStatus::Fault(fault) => End::Fault(fault.into()),
    })
}

/// Outcomes on their way to the run that it no longer waits for: what did happen is told as late.
fn late(run: &Run, gone: &BTreeSet<OpId>, told: bool, over: bool) -> Vec<Late> {
    let rest = run.inbox.iter().skip(usize::from(told));
    rest.filter_map(|tell| match tell {
        Tell::Outcome { op, outcome: outcome @ OutcomeRecord::Done(_) } if over || gone.contains(op) => {
            Some(Late { run: run.id, op: op.clone(), outcome: outcome.clone() })
        }
        _ => None,
    })
    .collect()
}

fn remaining_late(run: &Run, told: bool) -> bool {
    run.inbox.iter().skip(usize::from(told)).any(|tell| matches!(tell, Tell::Late { .. }))
}

/// The run is over and settled. A failure that its own `on failure` has not dealt with is told to whoever is
/// `on failed(flow)`.
pub(super) fn close(draft: &mut Draft<'_>, run: &Run, end: &End, handled: bool) {
    preview::over(draft, run);
    session::over(draft, run.id);
    draft.push(Record::Closed(Closed { run: run.id, at: draft.now }));
    if handled {
        return;
    }
    let error = match end {
        End::Failed(failure) => failure.clone(),
        End::Fault(fault) => Failure::new(carapace_effect::FailureKind::Failed, &**fault),
        End::Succeeded(_) | End::Cancelled(_) => return,
    };
    if answers_failure(draft, run) {
        return;
    }
    let fields = json!({
        "run": { "id": run.id.to_string() },
        "flow": &*run.flow,
        "error": { "kind": error.kind.name(), "message": error.message, "retry_after": error.retry_after },
    });
    let event = Event {
        kind: EventKind::Failed { flow: run.flow.clone(), run: run.id },
        origin: None,
        at: None,
        fields: fields.as_object().cloned().unwrap_or_default(),
    };
    if draft.may_set_off(run) {
        let (at, root) = (draft.now, draft.root_of(run));
        draft.push(Record::Emitted(Emitted { event: Arc::new(event), at, root }));
    }
}

/// Whether the run is about a failure itself, or was called by one that is: telling that again would never end.
fn answers_failure(draft: &Draft<'_>, run: &Run) -> bool {
    let event = run.event.and_then(|n| draft.state.events.get(n));
    event.is_some_and(|taken| matches!(taken.event.kind, EventKind::Failed { .. }))
}
