//! What is deployed: at the start, and again when it changes.

use super::bindings::{Account, Assignment, Bound, bind};
use super::notices::Notices;
use super::packages::{Packages, Ready};
use crate::output;
use crate::problem::Problem;
use crate::sources::Sources;
use carapace_engine::service::{Handle, Service};
use carapace_engine::{Input, Rejection, Reply, State};
use carapace_store::BlobId;
use std::path::Path;
use std::sync::Arc;

/// What is deployed, and what its slots stand for.
pub(crate) fn deployed(state: &State, data: &Path) -> (Vec<Ready>, Vec<Bound>) {
    let (mut modules, mut all_bound) = (Vec::new(), Vec::new());
    for deployment in state.deployments.serving() {
        let record = &deployment.record;
        match (&deployment.code, record.module.bytes()) {
            (Ok(code), Some(bytes)) => {
                let (module, bytes) = (code.module().clone(), bytes.clone());
                modules.push(Ready { module, bytes, sources: Sources::default() });
                all_bound.push(Bound { bindings: record.bindings.clone(), notes: Vec::new() });
            }
            (code, _) => {
                let why = code.as_ref().err().map_or("its module is gone", String::as_str);
                output::note(&format!("`{}` cannot be served [E0927]: {why}", record.package));
            }
        }
    }
    if modules.is_empty() {
        let data = data.display();
        output::note(&format!("nothing is deployed yet: `carapace deploy PATH --data {data}` does that"));
    }
    (modules, all_bound)
}

/// Deploys every package, and withdraws those that ran here before and do not any more.
pub(crate) fn deploy_first(
    service: &mut Service,
    packages: &Packages,
    modules: &[Ready],
    bound: &[Bound],
) -> Result<(), Problem> {
    let before: Vec<Arc<str>> =
        service.state().deployments.serving().map(|deployment| deployment.record.package.clone()).collect();
    for package in before {
        if modules.iter().all(|ready| ready.module.package != package) {
            service.prepare(Input::Withdraw { package });
        }
    }
    for (ready, bound) in modules.iter().zip(bound) {
        let deploy = packages.deploy(ready, bound.bindings.clone())?;
        if let Reply::Rejected(rejection) = service.prepare(Input::Deploy(Box::new(deploy))) {
            return Err(refused(ready, rejection));
        }
    }
    Ok(())
}

fn refused(ready: &Ready, rejection: Rejection) -> Problem {
    let problem = Problem::new(rejection.code, format!("`{}`: {}", ready.module.package, rejection.message));
    match rejection.help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// Compiles again and deploys what checks; what runs stays where it does not.
pub(crate) async fn redeploy(
    packages: &Packages,
    typed: &[Assignment],
    accounts: &[Account],
    engine: &Handle,
    notices: &Notices,
) {
    let Some(modules) = packages.compile() else {
        notices.warn("it does not check, so what ran before goes on running");
        return;
    };
    let bound = match bind_all(&modules, accounts, typed) {
        Ok(bound) => bound,
        Err(problem) => return notices.warn(problem.to_string()),
    };
    for (ready, bound) in modules.iter().zip(bound) {
        let package = ready.module.package.clone();
        let deploy = match packages.deploy(ready, bound.bindings) {
            Ok(deploy) => deploy,
            Err(problem) => return notices.warn(problem.to_string()),
        };
        let wanted = BlobId::of(&deploy.module).to_string();
        let serving = package.clone();
        let same = engine.look(move |state| {
            let current = state.deployments.current(&serving);
            current.is_some_and(|deployment| **deployment.record.module.hash() == wanted)
        });
        if same.await.unwrap_or(true) {
            continue;
        }
        match engine.deploy(deploy).await {
            Ok(Reply::Rejected(rejection)) => notices.warn(refused(ready, rejection).to_string()),
            Ok(_) => notices.tell(format!("`{package}` is deployed anew; runs that wait keep their version")),
            Err(_) => return,
        }
    }
}

pub(crate) fn bind_all(
    modules: &[Ready],
    accounts: &[Account],
    typed: &[Assignment],
) -> Result<Vec<Bound>, Problem> {
    let slots = || modules.iter().flat_map(|ready| &ready.module.slots).map(|slot| &*slot.name);
    if let Some(stray) = typed.iter().find(|assignment| !slots().any(|name| assignment.names(name))) {
        return Err(stray.unknown("E0932", "slot", slots()));
    }
    modules.iter().map(|ready| bind(&ready.module.slots, accounts, typed)).collect()
}
