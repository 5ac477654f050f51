//! The index of a deployment: account and event, first word of a command, name of an event, to flows.

use super::words::Words;
use crate::deployment::Binding;
use crate::{Event, EventKind};
use carapace_module::Module;
use carapace_module::signature::TriggerSpec;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A trigger of a flow that an event may concern: index of the flow in the module, and of its trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Candidate {
    pub(crate) flow: u32,
    pub(crate) trigger: u32,
}

/// Who listens to one kind of event of one account.
#[derive(Debug, Default)]
struct Listeners {
    always: Vec<Candidate>,
    wordy: Vec<(Vec<Arc<str>>, Candidate)>,
    words: Words,
}

/// The index of a deployment.
#[derive(Debug, Default)]
pub(crate) struct Index {
    channels: FxHashMap<Arc<str>, FxHashMap<Arc<str>, Listeners>>,
    commands: FxHashMap<Arc<str>, FxHashMap<Arc<str>, Vec<Candidate>>>,
    named: FxHashMap<Arc<str>, Vec<Candidate>>,
    webhooks: FxHashMap<Arc<str>, Vec<(Arc<str>, Candidate)>>,
    failed: FxHashMap<Arc<str>, Vec<Candidate>>,
    manual: FxHashMap<Arc<str>, Candidate>,
    slots: FxHashMap<Arc<str>, Vec<Candidate>>,
    started: Vec<Candidate>,
}

impl Index {
    pub(crate) fn build(module: &Module, bindings: &BTreeMap<Arc<str>, Binding>) -> Index {
        let mut index = Index::default();
        for (flow, signature) in (0..).zip(&module.flows) {
            for (trigger, spec) in (0..).zip(&signature.triggers) {
                let candidate = Candidate { flow, trigger };
                index.add(&signature.name, &spec.spec, &spec.required_words, candidate, bindings);
            }
        }
        for listeners in index.channels.values_mut().flat_map(FxHashMap::values_mut) {
            listeners.words = Words::build(&listeners.wordy);
        }
        index
    }

    fn add(
        &mut self,
        flow: &Arc<str>,
        spec: &TriggerSpec,
        words: &[Arc<str>],
        candidate: Candidate,
        bindings: &BTreeMap<Arc<str>, Binding>,
    ) {
        let accounts = |channel: &Arc<str>| match bindings.get(channel) {
            Some(Binding::Channel { accounts }) => accounts.clone(),
            Some(Binding::Room { account, .. }) => vec![account.clone()],
            _ => Vec::new(),
        };
        match spec {
            TriggerSpec::Channel { channel, event } => {
                for account in accounts(channel) {
                    let events = self.channels.entry(account).or_default();
                    let listeners = events.entry(event.clone()).or_default();
                    if words.is_empty() {
                        listeners.always.push(candidate);
                    } else {
                        listeners.wordy.push((words.to_vec(), candidate));
                    }
                }
            }
            TriggerSpec::Command { channel, name, .. } => {
                let first = name.split_whitespace().next().unwrap_or_default();
                for account in accounts(channel) {
                    let words = self.commands.entry(account).or_default();
                    words.entry(first.into()).or_default().push(candidate);
                }
            }
            TriggerSpec::Event { name, .. } => self.named.entry(name.clone()).or_default().push(candidate),
            TriggerSpec::Webhook { path, method, .. } => {
                self.webhooks.entry(path.clone()).or_default().push((method.clone(), candidate));
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
                let Some(listeners) = listeners else { return found };
                found.extend(&listeners.always);
                match event.text() {
                    Some(text) if !listeners.wordy.is_empty() => listeners.words.find(text, &mut found),
                    Some(_) => {}
                    // Required words are about a message's text; an event without one asks everybody.
                    None => found.extend(listeners.wordy.iter().map(|(_, candidate)| candidate)),
                }
            }
            EventKind::Named { name } => found.extend(self.named.get(name).into_iter().flatten()),
            EventKind::Webhook { path, method, .. } => {
                let here = self.webhooks.get(path).into_iter().flatten();
                found.extend(here.filter(|(m, _)| m == method).map(|(_, candidate)| candidate));
            }
            EventKind::Slot { flow, trigger, .. } => {
                let here = self.slots.get(flow).into_iter().flatten();
                found.extend(here.filter(|candidate| candidate.trigger == *trigger));
            }
            EventKind::Started => found.extend(&self.started),
            EventKind::Failed { flow, .. } => found.extend(self.failed.get(flow).into_iter().flatten()),
            EventKind::Manual { flow } => found.extend(self.manual.get(flow)),
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
