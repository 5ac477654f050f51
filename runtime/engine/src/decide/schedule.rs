//! Schedules: slots of `cron`, `every` and `at`.

use super::draft::Draft;
use super::event;
use crate::record::{Record, Scheduled};
use crate::schedule::{after, last_in_series, next_in_series};
use crate::state::Deployment;
use crate::{Event, EventKind};
use carapace_module::signature::{FlowSignature, Missed, TriggerSpec};
use std::sync::Arc;

/// A slot that is later than this was missed: nobody was there when it came.
const GRACE: i64 = 60_000;

/// No more than so many runs make up for missed slots at once.
const CATCH_UP: usize = 1_000;

/// Slots have come: each that is not skipped starts its run in the line that claims it.
pub(super) fn slot(draft: &mut Draft<'_>, flow: &Arc<str>, trigger: u32, due: i64) {
    let spec = draft
        .serving_flow(flow)
        .and_then(|d| Some(d.flow(flow)?.triggers.get(trigger as usize)?.spec.clone()));
    let Some(spec) = spec else {
        draft.push(Record::Scheduled(Scheduled { flow: flow.clone(), trigger, claimed: None, next: None }));
        return;
    };
    let missed = match &spec {
        TriggerSpec::Cron { missed, .. } => *missed,
        TriggerSpec::At(_) => Missed::Once,
        _ => Missed::Skip,
    };
    let late = draft.now.saturating_sub(GRACE);
    let mut slots = match missed {
        Missed::Skip => Vec::new(),
        Missed::Once => last_in_series(&spec, due, late, 1),
        Missed::All => last_in_series(&spec, due, late, CATCH_UP),
    };
    let come = last_in_series(&spec, due, draft.now.saturating_add(1), CATCH_UP);
    slots.extend(come.into_iter().filter(|slot| *slot >= late));
    let next = next_in_series(&spec, due, draft.now);
    for slot in slots {
        claim(draft, flow, trigger, slot, next);
    }
    draft.push(Record::Scheduled(Scheduled { flow: flow.clone(), trigger, claimed: None, next }));
}

/// Starts the slot's run in the line that claims it. A slot is a flow and an instant: it is claimed once, whichever of
/// the flow's triggers comes to it, and whatever the clock does.
fn claim(draft: &mut Draft<'_>, flow: &Arc<str>, trigger: u32, slot: i64, next: Option<i64>) {
    if draft.state.claims.contains(&(slot, flow.clone())) {
        return;
    }
    draft.push(Record::Scheduled(Scheduled { flow: flow.clone(), trigger, claimed: Some(slot), next }));
    let kind = EventKind::Slot { flow: flow.clone(), trigger, slot };
    let event = Event { kind, origin: None, at: Some(slot), fields: serde_json::Map::new() };
    event::take(draft, Arc::new(event), event::Recognised::default());
}

/// Sets the schedules of a package's new flows; those that stay as they were keep their slots.
pub(super) fn redeploy(draft: &mut Draft<'_>, package: &str, flows: &[FlowSignature]) {
    let before = draft.state.deployments.current(package).cloned();
    let spec_before = |flow: &str, trigger: u32| {
        let flow = before.as_deref().and_then(|d: &Deployment| d.flow(flow))?;
        flow.triggers.get(trigger as usize).map(|trigger| trigger.spec.clone())
    };
    let mut kept = std::collections::BTreeSet::new();
    for flow in flows {
        for (trigger, spec) in (0..).zip(&flow.triggers) {
            if !matches!(spec.spec, TriggerSpec::Cron { .. } | TriggerSpec::Every(_) | TriggerSpec::At(_)) {
                continue;
            }
            kept.insert((flow.name.clone(), trigger));
            if spec_before(&flow.name, trigger).as_ref() == Some(&spec.spec) {
                continue;
            }
            let next = after(&spec.spec, draft.now);
            draft.push(Record::Scheduled(Scheduled {
                flow: flow.name.clone(),
                trigger,
                claimed: None,
                next,
            }));
        }
    }
    for (flow, trigger) in draft.state.schedules.keys() {
        let ours = before.as_deref().is_some_and(|d: &Deployment| d.flow(flow).is_some());
        if ours && !kept.contains(&(flow.clone(), *trigger)) {
            let (flow, trigger) = (flow.clone(), *trigger);
            draft.push(Record::Scheduled(Scheduled { flow, trigger, claimed: None, next: None }));
        }
    }
}
