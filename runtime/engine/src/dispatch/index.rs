//! The index of a deployment: account and event, first word of a command, name of an event, to flows.

use super::listeners::Listeners;
use super::sights::Sights;
use crate::deployment::Binding;
use crate::{Event, EventKind};
use carapace_module::Module;
use carapace_module::signature::{Trigger, TriggerSpec};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A trigger of a flow that an event may concern: index of the flow in the module, and of its trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Candidate {
    pub(crate) flow: u32,
    pub(crate) trigger: u32,
}

/// The index of a deployment.
#[derive(Debug, Default)]
pub(crate) struct Index {
    channels: FxHashMap<Arc<str>, FxHashMap<Arc<str>, Listeners>>,
    commands: FxHashMap<Arc<str>, FxHashMap<Arc<str>, Vec<Candidate>>>,
    named: FxHashMap<Arc<str>, Listeners>,
    /// By path, then method.
    webhooks: FxHashMap<Arc<str>, FxHashMap<Arc<str>, Listeners>>,
    failed: FxHashMap<Arc<str>, Vec<Candidate>>,
    manual: FxHashMap<Arc<str>, Candidate>,
    slots: FxHashMap<Arc<str>, Vec<Candidate>>,
    started: Vec<Candidate>,
    /// How they see events.
    pub(crate) sights: Sights,
}

impl Index {
    pub(crate) fn build(module: &Module, bindings: &BTreeMap<Arc<str>, Binding>) -> Index {
        let mut index = Index { sights: Sights::build(module), ..Index::default() };
        for (flow, signature) in (0..).zip(&module.flows) {
            for (trigger, spec) in (0..).zip(&signature.triggers) {
                let candidate = Candidate { flow, trigger };
                index.add(&signature.name, spec, candidate, bindings);
            }
        }
        let by_name = index.channels.values_mut().chain(index.webhooks.values_mut());
        by_name.flat_map(FxHashMap::values_mut).chain(index.named.values_mut()).for_each(Listeners::finish);
        index
    }

    fn add(
        &mut self,
        flow: &Arc<str>,
        trigger: &Trigger,
        candidate: Candidate,
        bindings: &BTreeMap<Arc<str>, Binding>,
    ) {
        let accounts = |channel: &Arc<str>| match bindings.get(channel) {
            Some(Binding::Channel { accounts }) => accounts.clone(),
            Some(Binding::Room { account, .. }) => vec![account.clone()],
            _ => Vec::new(),
        };
        match &trigger.spec {
            TriggerSpec::Channel { channel, event } => {
                for account in accounts(channel) {
                    let events = self.channels.entry(account).or_default();
                    events.entry(event.clone()).or_default().add(trigger, candidate);
                }
            }
            TriggerSpec::Command { channel, name, .. } => {
                let first = name.split_whitespace().next().unwrap_or_default();
                for account in accounts(channel) {
                    let words = self.commands.entry(account).or_default();
                    words.entry(first.into()).or_default().push(candidate);
                }
            }
            TriggerSpec::Event { name, .. } => {
                self.named.entry(name.clone()).or_default().add(trigger, candidate)
            }
            TriggerSpec::Webhook { path, method, .. } => {
                let methods = self.webhooks.entry(path.clone()).or_default();
                methods.entry(method.clone()).or_default().add(trigger, candidate);
            }
            TriggerSpec::Failed { flow } => self.failed.entry(flow.clone()).or_default().push(candidate),
            TriggerSpec::Manual { .. } => {
                self.manual.insert(flow.clone(), candidate);
            }
            TriggerSpec::Started => self.started.push(candidate),
            TriggerSpec::Cron { .. } | TriggerSpec::Every(_) | TriggerSpec::At(_) => {
                self.slots.entry(flow.clone()).or_default().push(candidate);
            }
        }
    }

    /// Triggers that the event may concern, each once, in the module's order. Commands are not among them.
    pub(crate) fn find(&self, event: &Event) -> Vec<Candidate> {
        let mut found = Vec::new();
        match &event.kind {
            EventKind::Channel { account, trigger, .. } => {
                let listeners = self.channels.get(account).and_then(|events| events.get(trigger));
                listeners.into_iter().for_each(|listeners| listeners.find(event, &mut found));
            }
            EventKind::Named { name } => {
                self.named.get(name).into_iter().for_each(|listeners| listeners.find(event, &mut found));
            }
            EventKind::Webhook { path, method, .. } => {
                let listeners = self.webhooks.get(path).and_then(|methods| methods.get(method));
                listeners.into_iter().for_each(|listeners| listeners.find(event, &mut found));
            }
            EventKind::Slot { flow, trigger, .. } => {
                let here = self.slots.get(flow).into_iter().flatten();
                found.extend(here.filter(|candidate| candidate.trigger == *trigger));
            }
            EventKind::Started => found.extend(&self.started),
            EventKind::Failed { flow, .. } => found.extend(self.failed.get(flow).into_iter().flatten()),
            EventKind::Manual { flow, .. } => found.extend(self.manual.get(flow)),
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Commands of the account that begin with this word.
    pub(crate) fn commands(&self, account: &str, first: &str) -> &[Candidate] {
        self.commands.get(account).and_then(|words| words.get(first)).map_or(&[], Vec::as_slice)
    }
}
