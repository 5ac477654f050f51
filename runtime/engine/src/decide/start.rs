//! Starting a flow: guard, limits, debounce, dedupe, lane, in the order of the header.

use super::draft::Draft;
use super::{cancel, judge};
use crate::record::{Counted, Created, Debounced, Deduped, DropReason, Record, Released, Skipped};
use crate::state::{Deployment, Lanes, Window, dedupe_key};
use crate::stored::{Concurrency, Entry, Phase, Stop};
use crate::{EventNumber, LaneId};
use carapace_effect::RunId;
use carapace_module::Value;
use carapace_module::signature::{Busy, FlowSignature};
use std::sync::Arc;

/// A flow that an event may start.
pub(super) struct Start<'a> {
    pub(super) deployment: &'a Arc<Deployment>,
    pub(super) flow: &'a FlowSignature,
    pub(super) trigger: u32,
    pub(super) event: EventNumber,
    pub(super) record: Value,
    /// Whether its guard was found to hold.
    pub(super) judged: bool,
    /// Whether guard, rolling limits and debounce are behind it: the silence that `debounce` waited for is over.
    pub(super) settled: bool,
    /// The run that failed, where this is to try it again.
    pub(super) retries: Option<RunId>,
}

/// Starts, or does not and says why; gives whether the flow took the event (its guard held).
pub(super) fn start(draft: &mut Draft<'_>, start: &Start<'_>) -> bool {
    match attempt(draft, start) {
        Ok(took) => took,
        Err(fault) => {
            draft.drop(start.event, &start.flow.name, DropReason::Fault(fault));
            false
        }
    }
}

fn attempt(draft: &mut Draft<'_>, start: &Start<'_>) -> Result<bool, String> {
    let flow = start.flow;
    let lane = lane(draft, start)?;
    let busy = lane.as_ref().is_some_and(|(id, _)| is_busy(draft, id));
    let later = flow.guard_reads_state && busy;
    if let Some(guard) = flow.guard.filter(|_| !later && !start.judged && !start.settled)
        && !judge::holds(
            draft.state,
            start.deployment,
            draft.now,
            guard,
            std::slice::from_ref(&start.record),
        )?
    {
        return Ok(false);
    }
    let living = match limits(draft, start)? {
        Ok(limits) => limits,
        Err(limit) => {
            over_limit(draft, start, limit);
            return Ok(true);
        }
    };
    if !start.settled && debounce(draft, start)? {
        return Ok(true);
    }
    if let Some((function, window)) = flow.dedupe {
        let key = judge::key(draft.state, start.deployment, draft.now, function, &start.record)?;
        let name = dedupe_key(&flow.name, &key);
        if draft.state.regulation.dedupe.contains(&name, draft.now) || !draft.deduped.insert(name) {
            draft.drop(start.event, &flow.name, DropReason::Dedupe);
            return Ok(true);
        }
        let until = draft.now.saturating_add(window);
        draft.push(Record::Deduped(Deduped { flow: flow.name.clone(), key, until }));
    }
    if let Some((id, when_busy)) = &lane
        && busy
        && !make_way(draft, start, id, *when_busy)
    {
        return Ok(true);
    }
    let entry = Entry::Trigger { trigger: start.trigger };
    create(draft, start, entry, lane.map(|(id, _)| id), living, busy, later);
    Ok(true)
}

fn lane(draft: &Draft<'_>, start: &Start<'_>) -> Result<Option<(LaneId, Busy)>, String> {
    let Some((lane, function, busy)) = &start.flow.serial else { return Ok(None) };
    let key = judge::key(draft.state, start.deployment, draft.now, *function, &start.record)?;
    Ok(Some((LaneId { lane: lane.clone(), key }, *busy)))
}

fn is_busy(draft: &Draft<'_>, id: &LaneId) -> bool {
    let here = draft.state.lanes.get(id);
    draft.entered.contains(id) || here.is_some_and(|lane| lane.running.is_some() || !lane.queue.is_empty())
}

/// What a flow that comes to a busy lane does; says whether it queues.
fn make_way(draft: &mut Draft<'_>, start: &Start<'_>, id: &LaneId, when_busy: Busy) -> bool {
    let lane = draft.state.lanes.get(id);
    match when_busy {
        Busy::Drop => {
            draft.drop(start.event, &start.flow.name, DropReason::LaneBusy);
            false
        }
        Busy::Queue => {
            let waiting = lane.map_or(0, |lane| lane.queue.len());
            let full = waiting + draft.queued.get(id).copied().unwrap_or_default() >= Lanes::BOUND;
            if full {
                draft.drop(start.event, &start.flow.name, DropReason::LaneFull);
            }
            !full
        }
        Busy::Replace => {
            let Some(lane) = lane else { return true };
            for run in &lane.queue {
                draft.push(Record::Skipped(Skipped { run: *run, reason: DropReason::Replaced }));
            }
            if let Some(run) = lane.running {
                cancel::cancel(draft, run, "replaced by a later one");
            }
            true
        }
    }
}

type Verdict = Result<Vec<Concurrency>, u32>;

/// Whether all limits have room. A start counts against all of them, or against none. After a `debounce` only runs that
/// live are counted again: the event itself was when it came.
fn limits(draft: &mut Draft<'_>, start: &Start<'_>) -> Result<Verdict, String> {
    let (mut living, mut counted) = (Vec::new(), Vec::new());
    for (n, limit) in (0_u32..).zip(&start.flow.limits) {
        let key = judge::key(draft.state, start.deployment, draft.now, limit.key, &start.record)?;
        let window = Window { flow: start.flow.name.clone(), limit: n, key: key.clone() };
        let used = match limit.per {
            Some(_) if start.settled => continue,
            Some(per) => {
                counted.push((window.clone(), per));
                let here = draft.counted.get(&window).copied().unwrap_or_default();
                draft.state.regulation.counted(&window, draft.now) + here
            }
            None => {
                living.push(Concurrency { limit: n, key });
                let here = draft.born.get(&window).copied().unwrap_or_default();
                (draft.state.regulation.living(&window) + here) as usize
            }
        };
        if i64::try_from(used).unwrap_or(i64::MAX) >= limit.count {
            return Ok(Err(n));
        }
    }
    for (window, per) in counted {
        *draft.counted.entry(window.clone()).or_default() += 1;
        let (at, until) = (draft.now, draft.now.saturating_add(per));
        let Window { flow, limit, key } = window;
        draft.push(Record::Counted(Counted { flow, limit, key, at, until }));
    }
    Ok(Ok(living))
}

/// The one too many gets the `else` of the limit, as a run of its own.
fn over_limit(draft: &mut Draft<'_>, start: &Start<'_>, limit: u32) {
    draft.drop(start.event, &start.flow.name, DropReason::Limit(limit));
    let otherwise = start.flow.limits.get(limit as usize).and_then(|limit| limit.otherwise);
    if let Some(function) = otherwise {
        let entry = Entry::Otherwise { trigger: start.trigger, function };
        create(draft, start, entry, None, Vec::new(), false, false);
    }
}

/// Puts the event aside until there is silence; says whether the flow has a `debounce`.
fn debounce(draft: &mut Draft<'_>, start: &Start<'_>) -> Result<bool, String> {
    let Some((silence, function)) = start.flow.debounce else { return Ok(false) };
    let key = judge::key(draft.state, start.deployment, draft.now, function, &start.record)?;
    let flow = &start.flow.name;
    if let Some(before) = draft.state.regulation.debounces.get(&(flow.clone(), key.clone())) {
        draft.drop(before.event, flow, DropReason::Debounced);
    }
    let due = draft.now.saturating_add(silence);
    let (trigger, event) = (start.trigger, start.event);
    draft.push(Record::Debounced(Debounced { flow: flow.clone(), trigger, key, event, due }));
    Ok(true)
}

fn create(
    draft: &mut Draft<'_>,
    start: &Start<'_>,
    entry: Entry,
    lane: Option<LaneId>,
    limits: Vec<Concurrency>,
    queue: bool,
    guarded: bool,
) -> RunId {
    let flow = start.flow;
    for limit in &limits {
        let window = Window { flow: flow.name.clone(), limit: limit.limit, key: limit.key.clone() };
        *draft.born.entry(window).or_default() += 1;
    }
    if let Some(lane) = &lane {
        if queue {
            *draft.queued.entry(lane.clone()).or_default() += 1;
        } else {
            draft.entered.insert(lane.clone());
        }
    }
    let run = draft.entropy.run_id();
    draft.push(Record::Created(Box::new(Created {
        run,
        flow: flow.name.clone(),
        deployment: start.deployment.record.id,
        at: draft.now,
        event: Some(start.event),
        parent: None,
        by: None,
        retries: start.retries,
        entry,
        lane,
        limits,
        stops: stops(draft, start),
        guarded,
    })));
    if !queue {
        draft.on_record.push((run, start.deployment.record.id, start.record.clone()));
        release(draft, run, flow);
    }
    run
}

/// Starts a run that failed once more. A person wants that: no guard and no limit is asked, but it goes through its lane and
/// counts among those that live.
///
/// # Errors
/// Why it cannot start now.
pub(super) fn again(draft: &mut Draft<'_>, start: &Start<'_>, entry: Entry) -> Result<RunId, String> {
    if matches!(entry, Entry::Otherwise { .. }) {
        return Ok(create(draft, start, entry, None, Vec::new(), false, false));
    }
    let lane = lane(draft, start)?;
    let busy = lane.as_ref().is_some_and(|(id, _)| is_busy(draft, id));
    if let Some((id, when_busy)) = &lane
        && busy
        && !make_way(draft, start, id, *when_busy)
    {
        draft.records.clear();
        return Err("its lane is busy, and takes nothing more now".to_owned());
    }
    let mut living = Vec::new();
    for (limit, declared) in (0_u32..).zip(&start.flow.limits).filter(|(_, limit)| limit.per.is_none()) {
        let key = judge::key(draft.state, start.deployment, draft.now, declared.key, &start.record)?;
        living.push(Concurrency { limit, key });
    }
    Ok(create(draft, start, entry, lane.map(|(id, _)| id), living, busy, false))
}

fn stops(draft: &Draft<'_>, start: &Start<'_>) -> Vec<Stop> {
    let event = draft.records.iter().find_map(|record| match record {
        Record::Accepted(accepted) if accepted.number == start.event => Some(&accepted.event),
        _ => None,
    });
    let event = event.or_else(|| draft.state.events.get(start.event).map(|taken| &taken.event));
    let Some(origin) = event.and_then(|event| event.origin.as_ref()) else { return Vec::new() };
    let Some(user) = &origin.sender else { return Vec::new() };
    let stop = |word: &Arc<str>| Stop {
        account: origin.account.clone(),
        conversation: origin.conversation.clone(),
        user: user.clone(),
        word: word.clone(),
    };
    start.flow.cancellable.iter().map(stop).collect()
}

/// A run may go.
pub(super) fn release(draft: &mut Draft<'_>, run: RunId, flow: &FlowSignature) {
    let (at, timeout) = (draft.now, flow.timeout.map(|timeout| draft.now.saturating_add(timeout)));
    draft.push(Record::Released(Released { run, at, timeout }));
}

/// Lets the first of a lane's queue in; one whose guard does not hold by now goes away, and the next has its turn.
pub(super) fn next_in_lane(draft: &mut Draft<'_>, id: &LaneId) {
    let Some(lane) = draft.state.lanes.get(id) else { return };
    if lane.running.is_some() {
        return;
    }
    for run in &lane.queue {
        let (Some(stored), Some(deployment)) = (draft.state.runs.get(*run), draft.deployment_of(*run)) else {
            continue;
        };
        debug_assert_eq!(stored.phase, Phase::Queued);
        let Some(flow) = deployment.flow(&stored.flow) else {
            let reason = DropReason::Fault(format!("there is no flow `{}`", stored.flow));
            draft.push(Record::Skipped(Skipped { run: *run, reason }));
            continue;
        };
        match (flow.guard.filter(|_| stored.guarded), guard_record(draft, *run, deployment, flow)) {
            (Some(guard), Ok(record)) => {
                match judge::holds(draft.state, deployment, draft.now, guard, &[record]) {
                    Ok(true) => return release(draft, *run, flow),
                    Ok(false) => {
                        draft.push(Record::Skipped(Skipped { run: *run, reason: DropReason::Guard }))
                    }
                    Err(fault) => {
                        draft.push(Record::Skipped(Skipped { run: *run, reason: DropReason::Fault(fault) }));
                    }
                }
            }
            (Some(_), Err(fault)) => {
                draft.push(Record::Skipped(Skipped { run: *run, reason: DropReason::Fault(fault) }));
            }
            (None, _) => return release(draft, *run, flow),
        }
    }
}

fn guard_record(
    draft: &Draft<'_>,
    run: RunId,
    deployment: &Deployment,
    flow: &FlowSignature,
) -> Result<Value, String> {
    let run = draft.state.runs.get(run).ok_or("the run is gone")?;
    let taken = run.event.and_then(|n| draft.state.events.get(n)).ok_or("its event is gone")?;
    match run.entry {
        Entry::Trigger { trigger } | Entry::Otherwise { trigger, .. } => {
            judge::record_of(deployment, flow, trigger, taken)
        }
        Entry::Call { .. } => Err("it was not started by an event".to_owned()),
    }
}
