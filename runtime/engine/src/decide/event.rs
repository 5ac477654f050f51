//! Something happened: who gets it?

use super::draft::Draft;
use super::records::{Records, Seer};
use super::start::{Start, start};
use super::{cancel, filter, judge, wait};
use crate::EventNumber;
use crate::command::{Call, Rejection, Reply};
use crate::dispatch::{Candidate, command_words, parse_command};
use crate::record::{Accepted, DropReason, PassedOver, Record, Seen};
use crate::state::{Deployment, EventKey, State};
use crate::stored::Stop;
use crate::{Event, EventKind};
use carapace_effect::RunId;
use carapace_module::signature::{FlowSignature, TriggerSpec};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How long an event is remembered, at least: seven days.
const WINDOW: i64 = 7 * 86_400_000;

/// An event on its way to whoever gets it.
pub(crate) struct Arriving<'a> {
    pub(crate) number: EventNumber,
    pub(crate) event: &'a Arc<Event>,
    pub(crate) at: i64,
    pub(crate) records: Records<'a>,
}

pub(super) fn event(draft: &mut Draft<'_>, event: Event) -> Reply {
    let seen = recognised_by(&event.kind);
    let body = seen.as_ref().and_then(|_| body_of(&event));
    let key = seen.as_deref().map(EventKey::of);
    if let Some(key) = key.filter(|key| draft.state.seen.contains(*key, draft.now)) {
        return again(draft, key, &event.kind, body);
    }
    if let Some(field) = event.fields.iter().find(|(_, json)| is_deeper(json, DEEPEST)).map(|(name, _)| name)
    {
        return too_deep(field);
    }
    let seen = seen.map(|key| Seen { key: key.into(), until: draft.now.saturating_add(WINDOW), body });
    let request = event.is_asked();
    take(draft, Arc::new(event), Recognised { seen, root: None });
    if request { called(draft) } else { Reply::Accepted }
}

/// An event that came before.
fn again(draft: &mut Draft<'_>, key: EventKey, kind: &EventKind, body: Option<EventKey>) -> Reply {
    let Some(known) = draft.state.answers.get(key) else { return Reply::Duplicate };
    if body.is_some_and(|body| known.is_of_another(body)) {
        return another_body(kind);
    }
    let call = |event| Call { event, runs: known.runs().to_vec(), open: false };
    draft.call = known.event().map(call);
    // A request that was answered before is answered the same again.
    known.responded().map_or(Reply::Duplicate, |answer| Reply::Answered(answer.clone()))
}

/// A request was taken in: what did it start? Where all that it would start finds its lane full, it is as if it had never come:
/// whoever sent it can still keep it, and bring it again.
fn called(draft: &mut Draft<'_>) -> Reply {
    let is_created = |record: &Record| matches!(record, Record::Created(_));
    let is_full = |record: &Record| matches!(record, Record::Dropped(dropped) if dropped.reason == DropReason::LaneFull);
    if draft.records.iter().any(is_full) && !draft.records.iter().any(is_created) {
        draft.records.clear();
        draft.on_record.clear();
        return Reply::Busy(LANE_BUSY);
    }
    let started = |record: &Record| match record {
        Record::Created(created) => Some(created.run),
        _ => None,
    };
    let runs = draft.records.iter().filter_map(started).collect();
    draft.call = draft
        .records
        .iter()
        .find_map(|record| match record {
            Record::Accepted(accepted) => Some(accepted.number),
            _ => None,
        })
        .map(|event| Call { event, runs, open: false });
    Reply::Accepted
}

/// How long those wait who bring requests for a lane that is full, in milliseconds.
const LANE_BUSY: i64 = 5_000;

/// What a request's body is told from others by.
fn body_of(event: &Event) -> Option<EventKey> {
    match &event.kind {
        EventKind::Webhook { .. } => Some(EventKey::of(&event.fields.get("body")?.to_string())),
        EventKind::Manual { flow, .. } => {
            let input = event.fields.get("input").unwrap_or(&serde_json::Value::Null);
            Some(EventKey::of(&serde_json::json!([flow, input]).to_string()))
        }
        _ => None,
    }
}

fn another_body(kind: &EventKind) -> Reply {
    if let EventKind::Manual { .. } = kind {
        return Reply::Rejected(Rejection {
            code: "E1143",
            message: "this idempotency key came before, with another request".to_owned(),
            help: Some("give each request a key of its own; send one again as it was".to_owned()),
        });
    }
    let id = match kind {
        EventKind::Webhook { id: Some(id), .. } => id,
        _ => "",
    };
    Reply::Rejected(Rejection {
        code: "E1051",
        message: format!("a request with the id `{id}` came before, with another body"),
        help: Some("give each request an id of its own; send one again as it was".to_owned()),
    })
}

/// How deep JSON may nest in an event, or in an answer to one: a journal is read with a bound on that, so that no line
/// can overflow the stack of whoever reads it.
pub(super) const DEEPEST: u32 = 64;

/// Whether JSON nests deeper than so many levels.
pub(super) fn is_deeper(json: &serde_json::Value, levels: u32) -> bool {
    let Some(below) = levels.checked_sub(1) else {
        return json.is_array() || json.is_object();
    };
    match json {
        serde_json::Value::Array(items) => items.iter().any(|item| is_deeper(item, below)),
        serde_json::Value::Object(members) => members.values().any(|member| is_deeper(member, below)),
        _ => false,
    }
}

fn too_deep(field: &str) -> Reply {
    Reply::Rejected(Rejection {
        code: "E0926",
        message: format!("the event's `{field}` is nested more than {DEEPEST} levels deep"),
        help: Some("send it flatter, or as a text".to_owned()),
    })
}

/// What is known of an event beside itself.
#[derive(Default)]
pub(super) struct Recognised {
    /// What it is recognised by when it comes again.
    pub(super) seen: Option<Seen>,
    /// The event from outside that led to it.
    pub(super) root: Option<EventNumber>,
}

/// What an event is recognised by when it comes again. As JSON, so that no two that differ are written alike.
fn recognised_by(kind: &EventKind) -> Option<String> {
    let parts: &[&str] = match kind {
        EventKind::Channel { account, id, .. } => &[account, id],
        EventKind::Webhook { package: Some(package), path, method, id: Some(id) } => {
            &[method, path, id, package]
        }
        EventKind::Webhook { package: None, path, method, id: Some(id) } => &[method, path, id],
        // Five, so that it is like none of the others. Which flow it is says the body: one id starts one thing.
        EventKind::Manual { id: Some(id), .. } => &["manual", "", "", "", id],
        _ => return None,
    };
    serde_json::to_string(parts).ok()
}

/// Takes an event in and gives it to whoever gets it.
pub(super) fn take(draft: &mut Draft<'_>, event: Arc<Event>, recognised: Recognised) {
    let (number, at) = (draft.event_number(), draft.now);
    let Recognised { seen, root } = recognised;
    draft.push(Record::Accepted(Box::new(Accepted { number, at, event: event.clone(), seen, root })));
    route(draft, &Arriving { number, event: &event, at, records: Records::new(&event, at) });
}

/// In this order: the word that stops what a person has started, which nothing keeps from being heard; filters; a command
/// that matches; the oldest wait of that conversation and person that accepts it; the triggers. Flows that observe see it
/// in any case, but for filters.
fn route(draft: &mut Draft<'_>, arriving: &Arriving<'_>) {
    let mut candidates: Vec<Found<'_>> = listening(draft, arriving.event).collect();
    // Higher goes first; among equals the packages' names and the order of declaration decide.
    candidates.sort_by_key(|found| std::cmp::Reverse(found.flow.priority));
    let stopped = stop(draft, arriving);
    if !stopped && is_passed_over(draft, arriving) {
        return;
    }
    let (filters, candidates): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|found| found.flow.filter);
    for found in filters {
        if !filter::passes(draft, found.deployment, found.seer(), arriving) {
            return;
        }
    }
    let consumed = stopped || command(draft, arriving) || wait::offer(draft, arriving);
    let mut floor = i64::MIN;
    for found in candidates {
        if (consumed && !found.flow.observes) || found.flow.priority < floor {
            continue;
        }
        if trigger(draft, &found, arriving) && found.flow.exclusive {
            floor = found.flow.priority;
        }
    }
}

/// Whether its sender and we only answer each other: then nobody gets it, and nothing of theirs for a while.
fn is_passed_over(draft: &mut Draft<'_>, arriving: &Arriving<'_>) -> bool {
    if !draft.state.breaks_loops {
        return false;
    }
    let until = draft.state.talks.muted(arriving.event, draft.now).or_else(|| {
        let muted = draft.state.talks.loops(arriving.event, draft.now)?;
        let until = muted.until;
        draft.push(Record::Muted(muted));
        Some(until)
    });
    if let Some(until) = until {
        draft.push(Record::PassedOver(PassedOver { event: arriving.number, until }));
    }
    until.is_some()
}

/// A flow that an event may concern.
struct Found<'a> {
    deployment: &'a Arc<Deployment>,
    flow: &'a FlowSignature,
    candidate: Candidate,
}

impl<'a> Found<'a> {
    fn seer(&self) -> Seer<'a> {
        let Candidate { flow: number, trigger } = self.candidate;
        Seer { deployment: self.deployment, flow: self.flow, number, trigger }
    }
}

/// Those whom an event may concern beside commands, by package.
fn listening<'a>(draft: &Draft<'a>, event: &Event) -> impl Iterator<Item = Found<'a>> {
    let meant = draft.serving().filter(|deployment| event.is_for(&deployment.record.package));
    meant.flat_map(|deployment| found(deployment, deployment.index.find(event)))
}

fn found(deployment: &Arc<Deployment>, candidates: Vec<Candidate>) -> impl Iterator<Item = Found<'_>> {
    let flows = deployment.code.as_ref().map_or(&[][..], |code| &code.module().flows);
    candidates.into_iter().filter_map(move |candidate| {
        Some(Found { deployment, flow: flows.get(candidate.flow as usize)?, candidate })
    })
}

/// Starts the flow if its guard holds; says whether it did.
fn trigger(draft: &mut Draft<'_>, found: &Found<'_>, arriving: &Arriving<'_>) -> bool {
    let flow = found.flow;
    let Some(spec) = flow.triggers.get(found.candidate.trigger as usize) else { return false };
    if !in_room(found.deployment, &spec.spec, arriving.event) {
        return false;
    }
    match begin(draft, found, arriving) {
        Ok(Some(begun)) => start(draft, &begun),
        Ok(None) => false,
        Err(fault) => {
            draft.drop(arriving.number, &flow.name, DropReason::Fault(fault));
            false
        }
    }
}

/// The start, with the whole record of the event; none where the guard says no, which needs less of it.
fn begin<'a>(
    draft: &Draft<'_>,
    found: &Found<'a>,
    arriving: &Arriving<'_>,
) -> Result<Option<Start<'a>>, String> {
    let Found { deployment, flow, .. } = *found;
    // One that reads state is judged when the run leaves its lane, if it goes through one.
    let judged = !(flow.guard_reads_state && flow.serial.is_some());
    if judged && !guard_holds(draft, found, arriving)? {
        return Ok(None);
    }
    let record = arriving.records.whole(found.seer())?;
    let (event, trigger) = (arriving.number, found.candidate.trigger);
    Ok(Some(Start { deployment, flow, trigger, event, record, judged, settled: false, retries: None }))
}

fn guard_holds(draft: &Draft<'_>, found: &Found<'_>, arriving: &Arriving<'_>) -> Result<bool, String> {
    let Some(guard) = found.flow.guard else { return Ok(true) };
    let record = arriving.records.for_guard(found.seer())?;
    judge::holds(draft.state, found.deployment, draft.now, guard, &[record])
}

/// Full names of the flows whose trigger and guard take an event, as things are now: a command that matches, and everybody
/// else who listens. Who in the end starts a run, filters, waits, priorities, limits and lanes say as well ([`super::decide`]).
pub fn takers(state: &State, now: i64, event: &Arc<Event>) -> Vec<Arc<str>> {
    let draft = Draft::new(state, now, [0; 2]);
    let (number, records) = (state.events.next(), Records::new(event, now));
    let arriving = Arriving { number, event, at: now, records };
    let takes = |found: &Found<'_>| {
        let trigger = found.flow.triggers.get(found.candidate.trigger as usize);
        trigger.is_some_and(|trigger| in_room(found.deployment, &trigger.spec, event))
            && guard_holds(&draft, found, &arriving).unwrap_or(false)
    };
    let command = commands(&draft, &arriving).into_iter().find(takes);
    let listening = listening(&draft, event).filter(takes);
    command.into_iter().chain(listening).map(|found| found.flow.name.clone()).collect()
}

/// A trigger on a room hears that room only.
fn in_room(deployment: &Deployment, spec: &TriggerSpec, event: &Event) -> bool {
    let Some((account, conversation)) = judge::slot_of(spec).and_then(|slot| deployment.room(slot)) else {
        return true;
    };
    event.origin.as_ref().is_some_and(|o| o.account == account && o.conversation == conversation)
}

/// `cancellable by`: the word of the person who started it, in the same conversation.
fn stop(draft: &mut Draft<'_>, arriving: &Arriving<'_>) -> bool {
    let stopped = stopped_by(draft.state, arriving.event);
    for (run, word) in &stopped {
        cancel::cancel(draft, *run, &format!("`{word}`"));
    }
    !stopped.is_empty()
}

/// Whether an event is the word of somebody who stops what they have started.
pub(crate) fn stops(state: &State, event: &Event) -> bool {
    !stopped_by(state, event).is_empty()
}

/// The runs that an event stops, and its word. `/stop` and `/stop@our_bot` are `stop`, too: some networks have people
/// write commands so.
fn stopped_by(state: &State, event: &Event) -> Vec<(RunId, String)> {
    let (Some(origin), Some(text)) = (&event.origin, event.text()) else { return Vec::new() };
    let Some(user) = &origin.sender else { return Vec::new() };
    if event.trigger() != "message" || !state.runs.has_stops() {
        return Vec::new();
    }
    let said = text.trim().to_lowercase();
    let bare = command_words(&said).filter(|(_, rest)| rest.trim().is_empty()).map(|(word, _)| word);
    let runs = |word: &str| {
        state.runs.stopped_by(&Stop {
            account: origin.account.clone(),
            conversation: origin.conversation.clone(),
            user: user.clone(),
            word: word.into(),
        })
    };
    let words = std::iter::once(said.clone()).chain(bare);
    let stopped: BTreeSet<RunId> = words.flat_map(|word| runs(&word)).collect();
    stopped.into_iter().map(|run| (run, said.clone())).collect()
}

/// Of the commands that match, the most specific one that parses, and whose guard holds, runs.
fn command(draft: &mut Draft<'_>, arriving: &Arriving<'_>) -> bool {
    commands(draft, arriving).into_iter().any(|found| trigger(draft, &found, arriving))
}

/// The commands that an event reads as, the most specific first.
fn commands<'a>(draft: &Draft<'a>, arriving: &Arriving<'_>) -> Vec<Found<'a>> {
    let EventKind::Channel { account, trigger: name, .. } = &arriving.event.kind else { return Vec::new() };
    let text = arriving.event.text().filter(|_| **name == *"message").unwrap_or_default();
    let Some((first, _)) = command_words(text) else { return Vec::new() };
    let named = draft.serving().flat_map(|d| found(d, d.index.commands(account, &first).to_vec()));
    let mut parsed: Vec<_> = named
        .filter_map(|found| {
            let spec = &found.flow.triggers.get(found.candidate.trigger as usize)?.spec;
            let TriggerSpec::Command { name, args, .. } = spec else { return None };
            let code = found.deployment.code.as_ref().ok()?;
            let parsed = parse_command(&code.module().types, name, args, text)?;
            Some((parsed.rank, found))
        })
        .collect();
    // A stable order: equals stay as the packages and their declarations have them.
    parsed.sort_by_key(|(rank, found)| std::cmp::Reverse((*rank, found.flow.priority)));
    parsed.into_iter().map(|(_, found)| found).collect()
}
