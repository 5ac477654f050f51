//! Runs that live when another version is deployed. Each goes on with the version it began with; some of them the new
//! version leaves behind, which whoever deploys it wants to know before.

use super::Stranded;
use crate::decide::may_use;
use crate::deployment::Deploy;
use crate::inspect::Seen;
use crate::state::{Deployment, State, state_shape};
use crate::stored::{Operation, Run};
use crate::{DeploymentId, Destination};
use carapace_effect::RunId;
use carapace_module::Module;
use carapace_module::container::trigger_text;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many are told in full.
const TOLD: usize = 100;

/// Why a run is left behind.
type Why = (&'static str, String);

/// Runs of the package that live, by flow.
pub(super) fn keeping(state: &State, package: &str) -> BTreeMap<Arc<str>, usize> {
    let mut keeping: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for run in of_package(state, package) {
        let count = keeping.entry(run.flow.clone()).or_default();
        *count = count.saturating_add(1);
    }
    keeping
}

fn of_package<'s>(state: &'s State, package: &'s str) -> impl Iterator<Item = Cow<'s, Run>> {
    state.runs.iter().filter(move |run| {
        let deployment = state.deployments.get(run.deployment);
        deployment.is_some_and(|deployment| *deployment.record.package == *package)
    })
}

/// The runs that a deploy of this module leaves behind: some of them, and how many there are.
pub(super) fn find(state: &State, deploy: &Deploy, module: &Module) -> (Vec<Stranded>, usize) {
    let mut finder = Finder { state, deploy, module, waits: BTreeMap::new(), flows: BTreeMap::new() };
    let mut found: Vec<(i64, RunId, Why)> = of_package(state, &module.package)
        .filter_map(|run| Some((run.created, run.id, finder.why(&run)?)))
        .collect();
    found.sort_unstable();
    let all = found.len();
    let told = found.into_iter().take(TOLD).filter_map(|(_, run, (code, why))| {
        Some(Stranded { run: Seen::of(state, run)?.brief(), code: code.to_owned(), why })
    });
    (told.collect(), all)
}

struct Finder<'s> {
    state: &'s State,
    deploy: &'s Deploy,
    module: &'s Module,
    /// What the flows of the new version wait for.
    waits: BTreeMap<Arc<str>, Option<BTreeSet<String>>>,
    /// What is the same for all runs of a flow in a deployment.
    flows: BTreeMap<(DeploymentId, Arc<str>), Option<Why>>,
}

impl Finder<'_> {
    fn why(&mut self, run: &Run) -> Option<Why> {
        let deployment = self.state.deployments.get(run.deployment)?;
        let key = (run.deployment, run.flow.clone());
        let of_flow = match self.flows.get(&key) {
            Some(known) => known.clone(),
            None => {
                let why = self.why_flow(deployment, &run.flow);
                self.flows.insert(key, why.clone());
                why
            }
        };
        of_flow.or_else(|| self.account_gone(run)).or_else(|| self.wait_gone(run, deployment))
    }

    fn why_flow(&self, deployment: &Deployment, flow: &str) -> Option<Why> {
        for state in &self.module.states {
            let shape = state_shape(self.module, &state.ty, &state.keys);
            if may_use(deployment, flow, &state.name, &shape) {
                return Some(("E0925", format!("it uses state `{}`, which has another type", state.name)));
            }
        }
        if let Err(why) = &deployment.code {
            return Some(("E0927", format!("its program cannot be loaded: {why}")));
        }
        if self.module.flow(flow).is_none() {
            return Some(("E0946", format!("the new version has no flow `{flow}`")));
        }
        let touches = deployment.code.as_ref().ok()?.module().capabilities.iter();
        let touches = touches.filter(|of| *of.flow == *flow).flat_map(|of| &of.touches);
        let slots = touches.filter_map(|line| line.split_once(' ')?.1.split(':').next());
        let gone = |slot: &&str| {
            deployment.record.bindings.contains_key(*slot) && !self.deploy.bindings.contains_key(*slot)
        };
        let slot = slots.into_iter().find(gone)?;
        Some(("E0929", format!("it uses `{slot}`, which the new version binds to nothing")))
    }

    /// What it is about to do, or waits for, is on an account that the runtime does not have.
    fn account_gone(&self, run: &Run) -> Option<Why> {
        let places = |operation: &Operation| -> Vec<Arc<str>> {
            let (places, _) = operation.places();
            let to = operation.parts().iter().filter_map(|part| part.to.as_ref()).map(Destination::account);
            places.iter().filter_map(|place| place.account()).chain(to).cloned().collect()
        };
        let accounts = run.operations.values().flat_map(places);
        let gone = accounts.into_iter().find(|account| !self.state.has_account(account))?;
        Some(("E0929", format!("it waits for account `{gone}`, which the runtime does not have")))
    }

    fn wait_gone(&mut self, run: &Run, deployment: &Deployment) -> Option<Why> {
        let module = deployment.code.as_ref().ok()?.module();
        let waits = self.waits_of(&run.flow)?;
        let missing = run.operations.values().find_map(|operation| {
            let name = match operation {
                Operation::Await { wait } | Operation::Listen { wait, .. } => {
                    trigger_text(&wait.trigger, &module.types)
                }
                Operation::Question { call, .. } => call.effect.to_string(),
                Operation::Timer { label: Some(label), .. } => label_name(label),
                _ => return None,
            };
            (!waits.contains(&name)).then_some(name)
        })?;
        Some(("E0946", format!("it waits for {missing}, which the new version does not")))
    }

    fn waits_of(&mut self, flow: &Arc<str>) -> Option<&BTreeSet<String>> {
        let module = self.module;
        let waits = self.waits.entry(flow.clone()).or_insert_with(|| {
            let reach = module.reach_of_all(module.flow(flow)?);
            let waits = reach.waits.iter().filter_map(|index| module.waits.get(usize::from(*index)));
            let mut names: BTreeSet<String> =
                waits.map(|wait| trigger_text(&wait.trigger, &module.types)).collect();
            for call in reach.calls.iter().filter_map(|index| module.effect_calls.get(usize::from(*index))) {
                names.extend(module.effects.get(call.effect as usize).map(|effect| effect.name.to_string()));
                names.extend(call.label.as_ref().map(|label| label_name(label)));
            }
            Some(names)
        });
        waits.as_ref()
    }
}

fn label_name(label: &str) -> String {
    format!("the time `{label}`")
}
