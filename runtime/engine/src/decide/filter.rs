//! `filter` flows: they decide at once whether anybody else sees an event.

use super::draft::Draft;
use super::event::Arriving;
use super::judge;
use super::records::Seer;
use crate::machine::{Limits, StretchStatus, caught};
use crate::record::{Filtered, Record, Write};
use crate::state::Deployment;
use crate::stretch::StretchHost;
use carapace_module::Value;

/// Runs a filter whose guard holds. One that cannot decide lets the event pass: a mistake in a filter must not make
/// the bot deaf.
pub(super) fn passes(
    draft: &mut Draft<'_>,
    deployment: &Deployment,
    seer: Seer<'_>,
    arriving: &Arriving<'_>,
) -> bool {
    let (passes, writes, fault) = match run(draft, deployment, seer, arriving) {
        Ok(None) => return true,
        Ok(Some((passes, writes))) => (passes, writes, None),
        Err(fault) => (true, Vec::new(), Some(fault)),
    };
    let (event, flow) = (arriving.number, seer.flow.name.clone());
    draft.push(Record::Filtered(Filtered { event, flow, passes, writes, fault }));
    passes
}

fn run(
    draft: &mut Draft<'_>,
    deployment: &Deployment,
    seer: Seer<'_>,
    arriving: &Arriving<'_>,
) -> Result<Option<(bool, Vec<Write>)>, String> {
    let code = deployment.code.as_ref().map_err(Clone::clone)?;
    if let Some(guard) = seer.flow.guard {
        let record = arriving.records.for_guard(seer)?;
        if !judge::holds(draft.state, deployment, draft.now, guard, &[record])? {
            return Ok(None);
        }
    }
    let record = arriving.records.whole(seer)?;
    let mut host = StretchHost::new(draft.state, deployment, draft.now, draft.entropy.next());
    host.flow = Some(seer.flow.name.clone());
    host.see(draft.records.iter().filter_map(|record| match record {
        Record::Filtered(filtered) => Some(filtered.writes.as_slice()),
        _ => None,
    }));
    let stretch = caught(|| code.start(seer.flow.body, vec![record]).advance(&mut host, Limits::STRETCH))
        .map_err(|panic| format!("the runtime failed at it: {panic}"))?;
    match stretch.status {
        // `Verdict = pass | drop`; nothing returned is `pass`.
        StretchStatus::Finished(Value::Tag(1) | Value::Bool(false)) => Ok(Some((false, host.written()))),
        StretchStatus::Finished(_) => Ok(Some((true, host.written()))),
        StretchStatus::Waiting => Err("a filter may not wait".to_owned()),
        StretchStatus::Failed(failure) => Err(failure.message),
        StretchStatus::Cancelled(reason) | StretchStatus::Fault(reason) | StretchStatus::Panicked(reason) => {
            Err(reason)
        }
    }
}
