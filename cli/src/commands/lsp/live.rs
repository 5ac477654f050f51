//! What lives in a runtime beside the editor: how many runs each flow has.

use crate::reach::Client;
use carapace_engine::inspect::Listed;
use carapace_gateway::{Deployments, Request};
use carapace_lsp::Live;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer is good. A lens is drawn more often than runs come and go.
const FRESH: Duration = Duration::from_secs(2);

/// As many runs as are counted.
const MOST: usize = 100_000;

/// The runtime of a data directory. It is asked on a thread of its own: the editor's questions do not wait for it, and a
/// lens shows what was known last.
pub(super) struct Runtime {
    data: PathBuf,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// When it was asked last; none where it never was.
    at: Option<Instant>,
    asking: bool,
    /// By flow: runs on the version that serves, and on older ones.
    runs: Option<BTreeMap<String, (u64, u64)>>,
}

impl Runtime {
    pub(super) fn of(data: PathBuf) -> Runtime {
        Runtime { data, seen: Arc::default() }
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live for Runtime {
    fn runs(&self, package: &str) -> Option<Vec<(String, u64, u64)>> {
        let mut seen = lock(&self.seen);
        if !seen.asking && seen.at.is_none_or(|at| at.elapsed() > FRESH) {
            seen.asking = true;
            let (data, shared) = (self.data.clone(), Arc::clone(&self.seen));
            std::thread::spawn(move || {
                let runs = count(&data);
                let mut seen = lock(&shared);
                (seen.at, seen.asking, seen.runs) = (Some(Instant::now()), false, runs);
            });
        }
        let prefix = format!("{package}/");
        let of_package = |(flow, _): &(&String, &(u64, u64))| package.is_empty() || flow.starts_with(&prefix);
        let runs = seen.runs.as_ref()?.iter().filter(of_package);
        Some(runs.map(|(flow, (now, before))| (flow.clone(), *now, *before)).collect())
    }
}

/// None where no runtime answers.
fn count(data: &std::path::Path) -> Option<BTreeMap<String, (u64, u64)>> {
    let client = Client::here(data).ok().flatten()?;
    let deployed: Deployments = client.call(&Request::Deployments {}).ok()?;
    let serving: BTreeSet<&str> =
        deployed.versions.iter().filter(|v| v.serves).map(|v| v.module.as_str()).collect();
    let listed: Listed =
        client.call(&Request::List { waiting_on: None, flow: None, after: None, limit: Some(MOST) }).ok()?;
    let mut runs: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for run in &listed.runs {
        let counts = runs.entry(run.flow.to_string()).or_default();
        match serving.contains(run.module.as_str()) {
            true => counts.0 = counts.0.saturating_add(1),
            false => counts.1 = counts.1.saturating_add(1),
        }
    }
    Some(runs)
}
