//! Runs, counted as they come and go.

use super::Counters;
use crate::Methods;
use crate::routes::watching::{Told, Wanted, Watcher};
use carapace_effect::RunId;
use carapace_engine::inspect::Occurrence;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Packages that are told apart at most; those that come later are counted together.
const PACKAGES: usize = 200;

/// Runs of which it is remembered whose they are. Of others it is counted that they ended.
const REMEMBERED: usize = 100_000;

/// Whose runs are.
#[derive(Default)]
struct Owners {
    packages: BTreeMap<Arc<str>, Arc<str>>,
    runs: HashMap<RunId, Arc<str>>,
}

/// Counts until the runtime ends.
pub(super) async fn count(methods: Methods, runs: Counters) {
    let Ok(mut watcher) = Watcher::begin(&methods, Wanted::default()).await else { return };
    let mut owners = Owners::default();
    loop {
        let happened = match watcher.next().await {
            Told::Happened(happened) => happened,
            Told::Missed(_) => continue,
            Told::Ended => return,
        };
        for one in &happened.events {
            let (package, became) = match one {
                Occurrence::RunStarted { run, flow } => {
                    let package = owners.package(&methods, flow).await;
                    if owners.runs.len() < REMEMBERED {
                        owners.runs.insert(*run, package.clone());
                    }
                    (package, "started")
                }
                Occurrence::RunFinished { run } => (owners.ended(*run), "finished"),
                Occurrence::RunFailed { run, .. } => (owners.ended(*run), "failed"),
                Occurrence::RunCancelled { run, .. } => (owners.ended(*run), "cancelled"),
                _ => continue,
            };
            let labels = vec![("package", package.to_string()), ("outcome", became.to_owned())];
            runs.get_or_create(&labels).inc();
        }
    }
}

impl Owners {
    /// The package that a flow is of.
    async fn package(&mut self, methods: &Methods, flow: &Arc<str>) -> Arc<str> {
        if let Some(package) = self.packages.get(flow) {
            return package.clone();
        }
        let wanted = flow.clone();
        let looked = methods.engine.look(move |state| {
            let mut all = state.deployments.serving();
            let found = all.find(|deployment| {
                let code = deployment.code.as_ref();
                code.is_ok_and(|code| code.module().flows.iter().any(|flow| flow.name == wanted))
            });
            found.map(|deployment| deployment.record.package.clone())
        });
        let package = looked.await.ok().flatten().unwrap_or_else(unknown);
        if self.packages.len() >= PACKAGES {
            return unknown();
        }
        self.packages.insert(flow.clone(), package.clone());
        package
    }

    fn ended(&mut self, run: RunId) -> Arc<str> {
        self.runs.remove(&run).unwrap_or_else(unknown)
    }
}

/// The package of a run of which that is not known: it began before the process did, or there are too many.
fn unknown() -> Arc<str> {
    "other".into()
}
