//! Which deployments are still needed: those that serve, those that runs are pinned to, and some of each package to go
//! back to.

use crate::DeploymentId;
use crate::command::Reply;
use crate::decide::draft::Draft;
use crate::record::{Record, Retired, Swept};
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many former deployments of a package are kept to go back to, where nobody says.
pub const FORMER: usize = 5;

/// Forgets what a deployment of this package makes unneeded.
pub(super) fn make_room(draft: &mut Draft<'_>, package: &Arc<str>) {
    // The one that serves until now is the first of the former ones.
    let serving = |state: &State| {
        let others = state.deployments.current.iter().filter(|(name, _)| *name != package);
        others.map(|(_, id)| *id).collect::<BTreeSet<_>>()
    };
    let serving = serving(draft.state);
    let unneeded = unneeded(draft.state, &serving, FORMER, Some(package));
    retire(draft, unneeded);
}

/// Forgets the deployments that nobody needs, but for so many former ones of each package.
pub(in crate::decide) fn collect(draft: &mut Draft<'_>, former: usize) -> Reply {
    let unneeded = collectable(draft.state, former);
    retire(draft, unneeded);
    Reply::Done
}

/// Modules are gone from the store.
pub(in crate::decide) fn swept(draft: &mut Draft<'_>, modules: Vec<Arc<str>>) -> Reply {
    if !modules.is_empty() {
        draft.push(Record::Swept(Swept { modules }));
    }
    Reply::Done
}

/// The deployments that nobody needs, but for so many former ones of each package.
pub(crate) fn collectable(state: &State, former: usize) -> Vec<DeploymentId> {
    let serving = state.deployments.current.values().copied().collect();
    unneeded(state, &serving, former, None)
}

fn retire(draft: &mut Draft<'_>, deployments: Vec<DeploymentId>) {
    if !deployments.is_empty() {
        draft.push(Record::Retired(Retired { deployments }));
    }
}

fn unneeded(
    state: &State,
    serving: &BTreeSet<DeploymentId>,
    former: usize,
    of: Option<&Arc<str>>,
) -> Vec<DeploymentId> {
    let mut seen: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
    let mut unneeded = Vec::new();
    // The latest first: they are the ones to go back to.
    for deployment in state.deployments.table.values().rev() {
        let record = &deployment.record;
        if serving.contains(&record.id) || of.is_some_and(|of| *of != record.package) {
            continue;
        }
        let before = seen.entry(&record.package).or_default();
        *before = before.saturating_add(1);
        if *before > former && !state.runs.uses(record.id) {
            unneeded.push(record.id);
        }
    }
    unneeded.reverse();
    unneeded
}
