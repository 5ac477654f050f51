//! What is and was deployed.

use crate::DeploymentId;
use crate::deployment::{Binding, Person};
use crate::dispatch::Index;
use crate::machine::{Code, Loader};
use crate::permit::Permits;
use crate::record::Deployed;
use carapace_module::shape;
use carapace_module::signature::{FlowSignature, StateSignature};
use carapace_module::{Module, Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A deployment, loaded.
#[derive(Debug)]
pub struct Deployment {
    /// As it stands in the journal.
    pub record: Deployed,
    /// The code; or why it cannot be loaded, and then its runs are parked.
    pub code: Result<Arc<dyn Code>, String>,
    /// Which flows an event may concern.
    pub(crate) index: Index,
    /// What its flows may do.
    pub(crate) permits: Permits,
    flows: BTreeMap<Arc<str>, usize>,
    slots: BTreeMap<Arc<str>, Vec<Arc<str>>>,
}

/// Deployments by number; of each package the newest takes new events, older ones are there for their runs.
#[derive(Debug, Clone, Default)]
pub struct Deployments {
    pub(crate) table: BTreeMap<DeploymentId, Arc<Deployment>>,
    pub(crate) current: BTreeMap<Arc<str>, DeploymentId>,
    pub(crate) last: u32,
    /// Names of kept modules that no deployment refers to any more.
    pub(crate) unneeded: BTreeSet<Arc<str>>,
}

impl Deployments {
    /// The one that takes a package's new events.
    pub fn current(&self, package: &str) -> Option<&Arc<Deployment>> {
        self.table.get(self.current.get(package)?)
    }

    /// All that take new events, by package.
    pub fn serving(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.current.values().filter_map(|id| self.table.get(id))
    }

    /// All, also those that only serve the runs they have.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.table.values()
    }

    /// The one that takes new events for this flow.
    pub fn serving_flow(&self, flow: &str) -> Option<&Arc<Deployment>> {
        self.serving().find(|deployment| deployment.flow(flow).is_some())
    }

    /// All that are there, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Deployment>> {
        self.table.values()
    }

    /// One by its number.
    pub fn get(&self, id: DeploymentId) -> Option<&Arc<Deployment>> {
        self.table.get(&id)
    }

    /// The number of the next.
    pub fn next(&self) -> DeploymentId {
        DeploymentId(self.last + 1)
    }

    pub(crate) fn add(&mut self, record: Deployed, loader: Loader) {
        self.last = self.last.max(record.id.0);
        self.current.insert(record.package.clone(), record.id);
        self.unneeded.remove(record.module.hash());
        let same = |deployment: &&Arc<Deployment>| deployment.record.module == record.module;
        let known = self.table.values().filter(same).find_map(|deployment| deployment.code.clone().ok());
        let found = known.is_none();
        let deployment = Deployment::load(record, known, loader);
        if found && let Ok(code) = &deployment.code {
            self.found(deployment.record.module.hash(), code);
        }
        self.table.insert(deployment.record.id, Arc::new(deployment));
    }

    /// A module is there again that was gone: what refers to it goes on.
    fn found(&mut self, hash: &str, code: &Arc<dyn Code>) {
        for deployment in self.table.values_mut() {
            if **deployment.record.module.hash() == *hash && deployment.code.is_err() {
                let record = deployment.record.clone();
                *deployment = Arc::new(Deployment::with(record, Ok(code.clone())));
            }
        }
    }

    pub(crate) fn withdraw(&mut self, package: &str) {
        self.current.remove(package);
    }

    pub(crate) fn retire(&mut self, deployments: &[DeploymentId]) {
        for id in deployments {
            let Some(gone) = self.table.remove(id) else { continue };
            let module = &gone.record.module;
            if module.is_kept() && self.table.values().all(|other| other.record.module != *module) {
                self.unneeded.insert(module.hash().clone());
            }
        }
    }

    pub(crate) fn swept(&mut self, modules: &[Arc<str>]) {
        for module in modules {
            self.unneeded.remove(module);
        }
    }

    /// Names of modules that a store keeps and that no deployment refers to any more.
    pub fn unneeded(&self) -> impl Iterator<Item = &Arc<str>> {
        self.unneeded.iter()
    }
}

/// The types of a module's states, keys and all, written out.
pub(crate) fn state_shapes(module: &Module) -> Vec<(Arc<str>, Arc<str>)> {
    let written = |state: &StateSignature| (state.name.clone(), state_shape(module, &state.ty, &state.keys));
    module.states.iter().map(written).collect()
}

/// A type and what its values are kept by, written out.
pub(crate) fn state_shape(module: &Module, ty: &Type, keys: &[Type]) -> Arc<str> {
    let of = |ty| shape(&module.types, ty);
    let keys: Vec<String> = keys.iter().map(of).collect();
    Arc::from(format!("{} by {}", of(ty), keys.join(", ")))
}

impl Deployment {
    fn load(record: Deployed, known: Option<Arc<dyn Code>>, loader: Loader) -> Deployment {
        let code = match (known, record.module.bytes()) {
            (Some(code), _) => Ok(code),
            (None, Some(bytes)) => loader(bytes),
            (None, None) => Err("its module is not in the data directory any more".to_owned()),
        };
        Deployment::with(record, code)
    }

    fn with(record: Deployed, code: Result<Arc<dyn Code>, String>) -> Deployment {
        let mut slots: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
        for (slot, binding) in &record.bindings {
            let Binding::Channel { accounts } = binding else { continue };
            for account in accounts {
                // A slot that stands for several accounts names none of them.
                let known = slots.entry(account.clone()).or_default();
                known.extend((accounts.len() == 1).then(|| slot.clone()));
            }
        }
        let (mut flows, mut index, mut permits) = (BTreeMap::new(), Index::default(), Permits::default());
        if let Ok(code) = &code {
            let module = code.module();
            flows = module.flows.iter().enumerate().map(|(i, f)| (f.name.clone(), i)).collect();
            index = Index::build(module, &record.bindings);
            permits = Permits::of(module);
        }
        Deployment { record, code, index, permits, flows, slots }
    }

    /// A flow by its full name.
    pub fn flow(&self, name: &str) -> Option<&FlowSignature> {
        let code = self.code.as_ref().ok()?;
        code.module().flows.get(*self.flows.get(name)?)
    }

    /// How long a state's value is kept after it was written, where its declaration says so.
    pub(crate) fn keep(&self, state: &str) -> Option<i64> {
        let states = &self.code.as_ref().ok()?.module().states;
        states.iter().find(|known| *known.name == *state)?.keep
    }

    /// A setting's value, by its index in the module.
    pub fn setting(&self, index: u32) -> Option<Value> {
        self.record.settings.get(index as usize).map(|wire| wire.0.clone())
    }

    /// The account a channel's slot is bound to; none where it is bound to several, whose values name the account. A name that is no slot is taken for an account's own: values of the
    /// world (`user.channel`) name accounts, as they outlive the deployment they came in under.
    pub fn account(&self, slot: &str) -> Option<Arc<str>> {
        match self.record.bindings.get(slot) {
            Some(Binding::Room { account, .. }) => Some(account.clone()),
            Some(Binding::Channel { accounts }) => match accounts.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
            Some(Binding::Group { .. } | Binding::Connection { .. }) => None,
            None => self.slots.get_key_value(slot).map(|(account, _)| account.clone()),
        }
    }

    /// What a connection is bound to.
    pub fn connection(&self, slot: &str) -> Option<Arc<str>> {
        match self.record.bindings.get(slot) {
            Some(Binding::Connection { name }) => Some(name.clone()),
            _ => None,
        }
    }

    /// The accounts a channel's slot is bound to.
    pub fn accounts(&self, slot: &str) -> Vec<Arc<str>> {
        match self.record.bindings.get(slot) {
            Some(Binding::Channel { accounts }) => accounts.clone(),
            _ => self.account(slot).into_iter().collect(),
        }
    }

    /// The name under which flows know an account: its first slot, or the account's own where it has none.
    pub fn slot<'a>(&'a self, account: &'a str) -> &'a str {
        self.slots.get(account).and_then(|slots| slots.first()).map_or(account, |slot| slot)
    }

    /// The conversation a room is bound to.
    pub fn room(&self, slot: &str) -> Option<(Arc<str>, Arc<str>)> {
        match self.record.bindings.get(slot)? {
            Binding::Room { account, conversation } => Some((account.clone(), conversation.clone())),
            _ => None,
        }
    }

    /// The people of a group.
    pub fn group(&self, slot: &str) -> Option<&[Person]> {
        match self.record.bindings.get(slot)? {
            Binding::Group { members } => Some(members),
            _ => None,
        }
    }
}
