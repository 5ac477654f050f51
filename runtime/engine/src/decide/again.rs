//! A run that failed is tried again: as a new run, so that its operations have new keys and nothing that was done before is taken
//! for it.

use super::draft::Draft;
use super::start::{self, Start};
use super::{judge, transfer};
use crate::command::{Rejection, Reply};
use crate::record::{Created, Record};
use crate::state::Kept;
use crate::stored::{Entry, Phase};
use carapace_effect::RunId;

/// Why not.
const CODE: &str = "E0914";

pub(super) fn again(draft: &mut Draft<'_>, id: RunId) -> Reply {
    let state = draft.state;
    let Some(kept) = state.failed.get(id) else { return gone(draft, id) };
    if let Some(again) = kept.again {
        return rejected(format!("run `{id}` was tried again already"), &format!("that is run `{again}`"));
    }
    let started = match &kept.entry {
        Some(entry @ Entry::Call { .. }) => called(draft, kept, entry),
        Some(entry) => triggered(draft, kept, entry),
        None => Err("what it started from is gone".to_owned()),
    };
    match started {
        Ok(run) => Reply::Started(run),
        Err(why) => rejected(
            format!("run `{id}` cannot be tried again: {why}"),
            "`carapace runs show` has what it went through",
        ),
    }
}

/// With the version that serves: what was wrong is mended there. By the same trigger and on the same event, so that its
/// replies go the same way.
fn triggered(draft: &mut Draft<'_>, kept: &Kept, entry: &Entry) -> Result<RunId, String> {
    let (state, name) = (draft.state, &kept.summary.flow);
    let deployment = draft.serving_flow(name).ok_or_else(|| format!("nothing that serves has `{name}`"))?;
    let entry = match state.deployments.get(kept.deployment) {
        Some(old) if old.record.id != deployment.record.id => transfer::entry(name, entry, old, deployment)?,
        Some(_) => entry.clone(),
        None => return Err("its own version is gone".to_owned()),
    };
    let flow = deployment.flow(name).ok_or_else(|| format!("there is no flow `{name}`"))?;
    let (Entry::Trigger { trigger } | Entry::Otherwise { trigger, .. }) = entry else {
        return Err("it was not started by an event".to_owned());
    };
    let event = kept.event.ok_or("its event is gone")?;
    let taken = state.events.get(event).ok_or("its event is gone")?;
    let record = judge::record_of(deployment, flow, trigger, taken)?;
    let retries = Some(kept.summary.run);
    let start = Start { deployment, flow, trigger, event, record, judged: true, settled: true, retries };
    start::again(draft, &start, entry)
}

/// With the version under which it was called: its arguments are values of that one's types.
fn called(draft: &mut Draft<'_>, kept: &Kept, entry: &Entry) -> Result<RunId, String> {
    let deployment = draft.state.deployments.get(kept.deployment);
    let flow = deployment.and_then(|deployment| deployment.flow(&kept.summary.flow));
    let flow = flow.ok_or("its own version is gone")?;
    let run = draft.entropy.run_id();
    draft.push(Record::Created(Box::new(Created {
        run,
        flow: kept.summary.flow.clone(),
        deployment: kept.deployment,
        at: draft.now,
        event: kept.event,
        parent: kept.parent,
        by: kept.by.clone(),
        retries: Some(kept.summary.run),
        entry: entry.clone(),
        lane: None,
        limits: Vec::new(),
        stops: Vec::new(),
        guarded: false,
    })));
    start::release(draft, run, flow);
    Ok(run)
}

/// It lives, or nothing is kept of it.
fn gone(draft: &Draft<'_>, id: RunId) -> Reply {
    let Some(run) = draft.state.runs.get(id) else {
        return rejected(
            format!("nothing is kept of a failed run `{id}`"),
            "what failed runs started from is kept for seven days, of the last 1,000",
        );
    };
    let why = match run.phase {
        Phase::Over(_) => "it is over, and something that it did is not settled yet",
        _ => "it is not over, and nothing keeps it from going on",
    };
    rejected(
        format!("run `{id}` cannot be tried again: {why}"),
        "`carapace runs show` says what it waits for",
    )
}

fn rejected(message: String, help: &str) -> Reply {
    Reply::Rejected(Rejection { code: CODE, message, help: Some(help.to_owned()) })
}
