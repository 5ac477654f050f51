//! Deploying: one line, and each event sees exactly one deployment.

mod retention;
mod settings;
mod states;

pub use retention::FORMER;
pub(crate) use retention::collectable;
pub(super) use retention::{collect, swept};
pub(crate) use states::{fitting, may_use};

use super::draft::Draft;
use super::schedule;
use crate::DeploymentId;
use crate::command::{Rejection, Reply};
use crate::deployment::Deploy;
use crate::machine::Code;
use crate::record::{Deployed, Record, StateSet, Withdrawn, Woken, Write};
use crate::state::{Deployment, state_shapes};
use crate::stored::StoredModule;
use std::sync::Arc;

/// A deployment to be, and what it makes of the values that are there.
struct Made {
    record: Deployed,
    code: Arc<dyn Code>,
    migrated: Vec<Write>,
}

pub(super) fn deploy(draft: &mut Draft<'_>, deploy: &Deploy) -> Reply {
    match made(draft, deploy) {
        Ok(made) => Reply::Deployed(unless_same(draft, made)),
        Err(rejection) => Reply::Rejected(rejection),
    }
}

/// Several packages in one line: an event after it sees all of them, and one before it none.
pub(super) fn deploy_all(draft: &mut Draft<'_>, deploys: &[Deploy]) -> Reply {
    let mut all: Vec<Made> = Vec::new();
    for deploy in deploys {
        let made = match made(draft, deploy) {
            Ok(made) => made,
            Err(rejection) => return Reply::Rejected(rejection),
        };
        if all.iter().any(|other| other.record.package == made.record.package) {
            let message = format!("`{}` would be deployed twice at once", made.record.package);
            return Reply::Rejected(rejected("E0935", message, Some("deploy one of them")));
        }
        all.push(made);
    }
    let mut next = draft.state.deployments.next().0;
    let mut ids = Vec::new();
    for mut made in all {
        made.record.id = DeploymentId(next);
        let id = unless_same(draft, made);
        next = next.max(id.0.saturating_add(1));
        ids.push(id);
    }
    Reply::DeployedAll(ids)
}

/// Deploys, unless that is what serves already.
fn unless_same(draft: &mut Draft<'_>, made: Made) -> DeploymentId {
    if let Some(current) = draft.state.deployments.current(&made.record.package) {
        let same = current.record.module == made.record.module
            && current.record.settings == made.record.settings
            && current.record.bindings == made.record.bindings;
        if same && current.code.is_ok() {
            return current.record.id;
        }
    }
    take_effect(draft, made)
}

/// Goes back to a deployment as it was, settings and bindings and all: `to`, or the one before the one that serves.
/// Going back again goes further back.
pub(super) fn rollback(draft: &mut Draft<'_>, package: &Arc<str>, to: Option<DeploymentId>) -> Reply {
    match back(draft, package, to) {
        Ok(made) => Reply::Deployed(take_effect(draft, made)),
        Err(rejection) => Reply::Rejected(rejection),
    }
}

/// The package takes no new events any more.
pub(super) fn withdraw(draft: &mut Draft<'_>, package: &Arc<str>) -> Reply {
    if draft.state.deployments.current(package).is_some() {
        schedule::redeploy(draft, package, &[]);
        draft.push(Record::Withdrawn(Withdrawn { package: package.clone() }));
    }
    Reply::Done
}

fn take_effect(draft: &mut Draft<'_>, made: Made) -> DeploymentId {
    let Made { record, code, migrated } = made;
    let (id, package, module) = (record.id, record.package.clone(), record.module.clone());
    draft.push(Record::Deployed(Box::new(record)));
    for write in migrated {
        draft.push(Record::StateSet(StateSet(write)));
    }
    schedule::redeploy(draft, &package, &code.module().flows);
    retention::make_room(draft, &package);
    // Runs that were parked because this very module was gone can go on.
    let state = draft.state;
    let gone = |d: &&Arc<Deployment>| d.code.is_err() && d.record.module == module;
    let back: Vec<DeploymentId> = state.deployments.all().filter(gone).map(|d| d.record.id).collect();
    for run in state.runs.iter().filter(|run| back.contains(&run.deployment) && state.is_idle(run.id)) {
        draft.push(Record::Woken(Woken { run: run.id }));
    }
    id
}

fn rejected(code: &'static str, message: impl Into<String>, help: Option<&str>) -> Rejection {
    Rejection { code, message: message.into(), help: help.map(str::to_owned) }
}

fn made(draft: &Draft<'_>, deploy: &Deploy) -> Result<Made, Rejection> {
    let state = draft.state;
    let code = (state.loader)(&deploy.module).map_err(|e| {
        let help = "compile it again with this version";
        rejected("E0921", format!("the module cannot be loaded: {e}"), Some(help))
    })?;
    let settings = settings::values(draft, deploy, &*code)?;
    let migrated = states::migrate(draft, &*code, &settings)?;
    let bytes = deploy.module.clone();
    let record = Deployed {
        id: state.deployments.next(),
        package: code.module().package.clone(),
        at: draft.now,
        module: if state.modules_kept { StoredModule::kept(bytes) } else { StoredModule::whole(bytes) },
        settings,
        given: deploy.settings.clone(),
        bindings: deploy.bindings.clone(),
        shapes: state_shapes(code.module()).into_iter().collect(),
        back_to: None,
    };
    Ok(Made { record, code, migrated })
}

fn back(draft: &Draft<'_>, package: &Arc<str>, to: Option<DeploymentId>) -> Result<Made, Rejection> {
    let deployments = &draft.state.deployments;
    let help = Some("`carapace deployments` lists what is there");
    let ours = || deployments.all().filter(|d| d.record.package == *package);
    if ours().next().is_none() {
        return Err(rejected("E0945", format!("no package `{package}` is deployed"), help));
    }
    let current = deployments.current(package);
    let target = match to {
        Some(to) => ours().find(|d| d.record.id == to).ok_or_else(|| {
            rejected("E0945", format!("`{package}` has no deployment {} any more", to.0), help)
        })?,
        None => {
            let now = current.map(|d| d.record.back_to.unwrap_or(d.record.id));
            // What is itself a way back stands for the one it went back to.
            let earlier =
                |d: &&Arc<Deployment>| d.record.back_to.is_none() && now.is_none_or(|now| d.record.id < now);
            ours().filter(earlier).last().ok_or_else(|| {
                let message = format!("there is no deployment of `{package}` before this one");
                rejected("E0945", message, help)
            })?
        }
    };
    if current.is_some_and(|d| d.record.id == target.record.id) {
        let message = format!("deployment {} of `{package}` is the one that serves", target.record.id.0);
        return Err(rejected("E0945", message, help));
    }
    let code = target.code.clone().map_err(|why| {
        let message = format!("deployment {} of `{package}` cannot be loaded: {why}", target.record.id.0);
        rejected("E0927", message, Some("deploy its module or its sources again"))
    })?;
    let migrated = states::migrate(draft, &*code, &target.record.settings)?;
    let record = Deployed {
        id: deployments.next(),
        at: draft.now,
        back_to: Some(target.record.back_to.unwrap_or(target.record.id)),
        ..target.record.clone()
    };
    Ok(Made { record, code, migrated })
}
