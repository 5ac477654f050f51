//! A run that stands at a wait with a name goes on with the version that serves.

use super::draft::Draft;
use crate::blob::Blob;
use crate::command::{Rejection, Reply};
use crate::record::{Moved, Record};
use crate::state::{Deployment, State};
use crate::stored::{Entry, Operation, Phase, Run};
use carapace_effect::RunId;
use carapace_module::container::trigger_text;
use std::sync::Arc;

pub(super) fn transfer(draft: &mut Draft<'_>, run: RunId) -> Reply {
    match movable(draft.state, run) {
        Ok(moved) => {
            draft.push(Record::Moved(Box::new(moved)));
            Reply::Done
        }
        Err(rejection) => Reply::Rejected(rejection),
    }
}

/// The run as one of the version that serves.
///
/// # Errors
/// Why it cannot be one.
pub(crate) fn movable(state: &State, id: RunId) -> Result<Moved, Rejection> {
    let Some(run) = state.runs.get(id) else {
        return Err(Rejection {
            code: "E0910",
            message: format!("no run `{id}` lives"),
            help: Some("`carapace runs list` lists those that do".to_owned()),
        });
    };
    fitted(state, run).map_err(|why| Rejection {
        code: "E0948",
        message: format!("run `{id}` cannot be moved: {why}"),
        help: Some("it goes on with the version it began with; `carapace runs cancel` ends it".to_owned()),
    })
}

fn fitted(state: &State, run: &Run) -> Result<Moved, String> {
    let gone = || "its own version is gone".to_owned();
    let old = state.deployments.get(run.deployment).ok_or_else(gone)?;
    let new = state.deployments.current(&old.record.package);
    let new = new.ok_or_else(|| format!("nothing serves `{}`", old.record.package))?;
    if new.record.id == old.record.id {
        return Err("it runs the version that serves".to_owned());
    }
    let code = |of: &Deployment| of.code.clone().map_err(|why| format!("a version cannot be loaded: {why}"));
    let (from, to) = (code(old)?, code(new)?);
    let frames = run.frames.as_ref().filter(|_| stands_still(run));
    let frames = frames.ok_or_else(|| "it does not stand still at a wait".to_owned())?;
    let moved = to.moved(from.module(), &run.flow, &frames.0)?;
    let entry = entry(&run.flow, &run.entry, old, new)?;
    Ok(Moved { run: run.id, deployment: new.record.id, entry, frames: Blob(moved.into()) })
}

/// Whether nothing is on its way to it, and nothing of it on its way out: it waits for a time that has a name, under no more
/// than deadlines.
fn stands_still(run: &Run) -> bool {
    let quiet = run.work.is_none() && run.inbox.is_empty() && run.settling.is_empty();
    let named = |operation: &Operation| matches!(operation, Operation::Timer { label: Some(_), .. });
    let timer = |operation: &Operation| matches!(operation, Operation::Timer { .. });
    matches!(run.phase, Phase::Running)
        && quiet
        && run.operations.values().all(timer)
        && run.operations.values().any(named)
}

/// How it began, in the numbers of the new version.
pub(super) fn entry(
    flow: &str,
    entry: &Entry,
    old: &Arc<Deployment>,
    new: &Arc<Deployment>,
) -> Result<Entry, String> {
    let trigger = match entry {
        Entry::Trigger { trigger } => *trigger,
        Entry::Call { args } => return Ok(Entry::Call { args: args.clone() }),
        Entry::Otherwise { .. } => return Err("it answers what was one too many".to_owned()),
    };
    let triggers = |of: &Deployment| -> Vec<String> {
        let types = of.code.as_ref().map(|code| code.module().types.clone()).unwrap_or_default();
        let flow = of.flow(flow).map(|flow| flow.triggers.as_slice()).unwrap_or_default();
        flow.iter().map(|trigger| trigger_text(&trigger.spec, &types)).collect()
    };
    let began = triggers(old).into_iter().nth(usize::try_from(trigger).unwrap_or(usize::MAX));
    let found = began.as_ref().and_then(|began| triggers(new).iter().position(|known| known == began));
    let found = found.and_then(|found| u32::try_from(found).ok());
    let trigger = found.ok_or_else(|| {
        format!("the new version is not started by {}", began.unwrap_or_else(|| "that event".to_owned()))
    })?;
    Ok(Entry::Trigger { trigger })
}
