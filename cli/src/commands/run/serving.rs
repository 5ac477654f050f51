//! What is deployed: at the start, and again when it changes.

use super::bindings::{Account, Assignment, Bound, bind};
use super::notices::Notices;
use super::options::Options;
use super::packages::{Packages, Ready};
use crate::output;
use crate::problem::Problem;
use crate::sources::Sources;
use carapace_engine::inspect::rejection;
use carapace_engine::service::{Clock, Gone, Handle, Service};
use carapace_engine::{Deploy, Input, Rejection, Reply, State};
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
    for (ready, deploy) in modules.iter().zip(packages.deploys(modules, bound)) {
        packages.keep_sources(ready);
        if let Reply::Rejected(rejection) = service.prepare(Input::Deploy(Box::new(deploy))) {
            return Err(refused(&ready.module.package, rejection));
        }
    }
    Ok(())
}

fn refused(package: &str, rejection: Rejection) -> Problem {
    let problem = Problem::new(rejection.code, format!("`{package}`: {}", rejection.message));
    // What the engine says is about a deploy.
    if rejection.code == "E0924" {
        let name = rejection.message.split('`').nth(1).unwrap_or_default();
        let name = name.rsplit('.').next().unwrap_or_default();
        return problem.help(format!("`--set {name}=…` gives it one, or `settings` in `carapace.json5`"));
    }
    match rejection.help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// What a configuration makes of the packages.
pub(crate) enum Prepared {
    /// They are compiled, and their slots stand for something.
    Sources(Packages, Vec<Ready>, Vec<Bound>),
    /// It serves what is deployed.
    Deployed,
    /// One has mistakes, which were told.
    Broken,
}

/// Compiles the packages and looks whether settings and bindings are about them. Nothing changes.
pub(crate) fn prepare(options: &Options) -> Result<Prepared, Problem> {
    let Some(paths) = &options.packages else {
        super::refuse_assignments(options)?;
        return Ok(Prepared::Deployed);
    };
    let packages = Packages::find(paths, options)?;
    let Some(modules) = packages.compile() else { return Ok(Prepared::Broken) };
    packages.check_settings(&modules)?;
    let bound = bind_all(&modules, &options.accounts, &options.bind)?;
    Ok(Prepared::Sources(packages, modules, bound))
}

/// Withdraws what serves and is not among these.
pub(crate) async fn withdraw_others(
    modules: &[Ready],
    engine: &Handle,
    notices: &Notices,
) -> Result<(), Gone> {
    let serving = |state: &State| -> Vec<Arc<str>> {
        state.deployments.serving().map(|deployment| deployment.record.package.clone()).collect()
    };
    for package in engine.look(serving).await? {
        if modules.iter().all(|ready| ready.module.package != package) {
            engine.withdraw(package.clone()).await?;
            notices.tell(format!("`{package}` is withdrawn; runs that wait go on"));
        }
    }
    Ok(())
}

/// What keeps one of these from being deployed as things are; nothing changes.
pub(crate) async fn refusal(
    packages: &Packages,
    modules: &[Ready],
    bound: &[Bound],
    engine: &Handle,
) -> Result<Option<Problem>, Gone> {
    let now = Clock::system().now();
    let names = modules.iter().map(|ready| ready.module.package.clone());
    let deploys: Vec<(Arc<str>, Deploy)> = names.zip(packages.deploys(modules, bound)).collect();
    let refusal = move |state: &State| {
        deploys.iter().find_map(|(package, deploy)| Some(refused(package, rejection(state, now, deploy)?)))
    };
    engine.look(refusal).await
}

/// Deploys a package where its module, its settings or its bindings are others than those that serve. Gives whether it serves
/// as it should.
pub(crate) async fn deploy(
    ready: &Ready,
    deploy: Deploy,
    engine: &Handle,
    notices: &Notices,
) -> Result<bool, Gone> {
    let package = ready.module.package.clone();
    let serving = package.clone();
    let before = engine
        .look(move |state| state.deployments.current(&serving).map(|current| current.record.id))
        .await?;
    match engine.deploy(deploy).await? {
        Reply::Rejected(rejection) => {
            notices.warn(refused(&package, rejection).to_string());
            return Ok(false);
        }
        Reply::Deployed(id) if Some(id) == before => {}
        _ => notices.tell(format!("`{package}` is deployed anew; runs that wait keep their version")),
    }
    Ok(true)
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
