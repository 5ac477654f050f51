//! Who hears of requests at a path: flows that are deployed now, and runs that wait there.

use super::signature::Check;
use carapace_engine::service::{Gone, Handle};
use carapace_engine::state::{Deployment, Deployments, State};
use carapace_engine::stored::Place;
use carapace_module::json::{Error, from_json};
use carapace_module::signature::TriggerSpec;
use carapace_module::{Module, Type};
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock};

/// The methods that the checker lets a webhook have.
pub(super) const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A flow or a run that hears of requests.
#[derive(Debug, Clone)]
pub(super) struct Door {
    pub(super) method: Arc<str>,
    /// How a request proves where it comes from, and the name of the secret that this takes.
    pub(super) signature: Option<(Check, Arc<str>)>,
    body: Type,
    /// Whose types the body's type refers to.
    deployment: Arc<Deployment>,
}

impl Door {
    fn of(spec: &TriggerSpec, deployment: &Arc<Deployment>) -> Option<(Arc<str>, Door)> {
        let TriggerSpec::Webhook { path, method, body, signature, with } = spec else { return None };
        let signature = signature.as_ref().map(|(check, key)| (Check::of(check, with), key.clone()));
        let (method, body, deployment) = (method.clone(), body.clone(), deployment.clone());
        Some((path.clone(), Door { method, signature, body, deployment }))
    }

    /// Whether it takes this body; where not, why.
    pub(super) fn fits(&self, body: &Json) -> Result<(), Error> {
        match &self.deployment.code {
            Ok(code) => from_json(body, &self.body, &code.module().types).map(|_| ()),
            // What cannot be loaded has no door.
            Err(_) => Ok(()),
        }
    }
}

/// The doors, as of the latest deploy.
#[derive(Debug)]
pub(super) struct Doors {
    engine: Handle,
    table: RwLock<Arc<Table>>,
}

type Paths<T> = HashMap<Arc<str>, T>;

#[derive(Debug, Default)]
struct Table {
    /// How often there was a deploy when it was made; none before it ever was.
    of: Option<u64>,
    /// By package, then path.
    flows: Paths<Paths<Vec<Door>>>,
    /// Paths that runs may wait at, also those of former versions.
    awaited: Paths<HashSet<Arc<str>>>,
}

impl Doors {
    pub(super) fn new(engine: Handle) -> Doors {
        Doors { engine, table: RwLock::default() }
    }

    /// Who hears of requests at a package's path, whatever the method.
    pub(super) async fn at(&self, package: &str, path: &str) -> Result<Vec<Door>, Gone> {
        let table = self.table().await?;
        let mut doors =
            table.flows.get(package).and_then(|paths| paths.get(path)).cloned().unwrap_or_default();
        if table.awaited.get(package).is_some_and(|paths| paths.contains(path)) {
            let (package, path) = (package.to_owned(), path.to_owned());
            doors.extend(self.engine.look(move |state| waiting(state, &package, &path)).await?);
        }
        Ok(doors)
    }

    async fn table(&self) -> Result<Arc<Table>, Gone> {
        let deploys = self.engine.deploys();
        let known = self.table.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if known.of == Some(deploys) {
            return Ok(known);
        }
        let deployments = self.engine.look(|state| state.deployments.clone()).await?;
        let table = Arc::new(Table::of(deploys, &deployments));
        *self.table.write().unwrap_or_else(std::sync::PoisonError::into_inner) = table.clone();
        Ok(table)
    }
}

impl Table {
    fn of(deploys: u64, deployments: &Deployments) -> Table {
        let mut table = Table { of: Some(deploys), ..Table::default() };
        for deployment in deployments.serving() {
            let paths = table.flows.entry(deployment.record.package.clone()).or_default();
            let triggers = module(deployment).into_iter().flat_map(|module| &module.flows);
            for trigger in triggers.flat_map(|flow| &flow.triggers) {
                let Some((path, door)) = Door::of(&trigger.spec, deployment) else { continue };
                paths.entry(path).or_default().push(door);
            }
        }
        for deployment in deployments.all() {
            let waits = module(deployment).into_iter().flat_map(|module| &module.waits);
            let paths = waits.filter_map(|wait| match &wait.trigger {
                TriggerSpec::Webhook { path, .. } => Some(path.clone()),
                _ => None,
            });
            table.awaited.entry(deployment.record.package.clone()).or_default().extend(paths);
        }
        table
    }
}

fn module(deployment: &Deployment) -> Option<&Module> {
    deployment.code.as_ref().ok().map(|code| code.module())
}

/// Runs of a package that wait for a request at a path.
fn waiting(state: &State, package: &str, path: &str) -> Vec<Door> {
    let place = |method: &str| Place::Webhook { path: path.into(), method: method.into() };
    let waiting = state.runs.waiting_at(&METHODS.map(place));
    let doors = waiting.into_iter().filter_map(|(run, op)| {
        let run = state.runs.get(run)?;
        let deployment = state.deployments.get(run.deployment)?;
        let wait = run.operations.get(&op)?.wait()?;
        let ours = *deployment.record.package == *package;
        ours.then(|| Door::of(&wait.trigger, deployment)).flatten().map(|(_, door)| door)
    });
    doors.collect()
}
