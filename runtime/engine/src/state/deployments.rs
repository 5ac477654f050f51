//! What is and was deployed.

use crate::DeploymentId;
use crate::deployment::{Binding, Person};
use crate::dispatch::Index;
use crate::machine::{Code, Loader};
use crate::record::Deployed;
use carapace_module::Value;
use carapace_module::signature::FlowSignature;
use std::collections::BTreeMap;
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
    flows: BTreeMap<Arc<str>, usize>,
    slots: BTreeMap<Arc<str>, Vec<Arc<str>>>,
}

/// Deployments by number; the newest takes new events, older ones are there for their runs.
#[derive(Debug, Clone, Default)]
pub struct Deployments {
    pub(crate) table: BTreeMap<DeploymentId, Arc<Deployment>>,
}

impl Deployments {
    /// The one that takes new events.
    pub fn current(&self) -> Option<&Arc<Deployment>> {
        self.table.last_key_value().map(|(_, deployment)| deployment)
    }

    /// One by its number.
    pub fn get(&self, id: DeploymentId) -> Option<&Arc<Deployment>> {
        self.table.get(&id)
    }

    /// The number of the next.
    pub fn next(&self) -> DeploymentId {
        DeploymentId(self.table.last_key_value().map_or(1, |(id, _)| id.0 + 1))
    }

    pub(crate) fn add(&mut self, record: Deployed, loader: Loader) {
        self.table.insert(record.id, Arc::new(Deployment::load(record, loader)));
    }

    /// Drops those that nobody needs: not the newest, and not in `used`.
    pub(crate) fn retain(&mut self, used: impl Fn(DeploymentId) -> bool) {
        let newest = self.table.last_key_value().map(|(id, _)| *id);
        self.table.retain(|id, _| Some(*id) == newest || used(*id));
    }
}

impl Deployment {
    fn load(record: Deployed, loader: Loader) -> Deployment {
        let code = loader(&record.module.0);
        let mut slots: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
        for (slot, binding) in &record.bindings {
            if let Binding::Channel { account } = binding {
                slots.entry(account.clone()).or_default().push(slot.clone());
            }
        }
        let (mut flows, mut index) = (BTreeMap::new(), Index::default());
        if let Ok(code) = &code {
            let module = code.module();
            flows = module.flows.iter().enumerate().map(|(i, f)| (f.name.clone(), i)).collect();
            index = Index::build(module, &record.bindings);
        }
        Deployment { record, code, index, flows, slots }
    }

    /// A flow by its full name.
    pub fn flow(&self, name: &str) -> Option<&FlowSignature> {
        let code = self.code.as_ref().ok()?;
        code.module().flows.get(*self.flows.get(name)?)
    }

    /// A setting's value, by its index in the module.
    pub fn setting(&self, index: u32) -> Option<Value> {
        self.record.settings.get(index as usize).map(|wire| wire.0.clone())
    }

    /// The account a channel's slot is bound to. A name that is no slot is taken for an account's own: values of the
    /// world (`user.channel`) name accounts, as they outlive the deployment they came in under.
    pub fn account(&self, slot: &str) -> Option<Arc<str>> {
        match self.record.bindings.get(slot) {
            Some(Binding::Channel { account } | Binding::Room { account, .. }) => Some(account.clone()),
            Some(Binding::Group { .. } | Binding::Connection { .. }) => None,
            None => self.slots.get_key_value(slot).map(|(account, _)| account.clone()),
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
