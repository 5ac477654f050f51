//! Two modules compared, as what a person wants to know of a change.

use super::{Change, Changes, Reach, StateChange, StateChangeKind, Trigger};
use crate::decide::fitting;
use crate::deployment::Binding;
use crate::record::Deployed;
use crate::state::{State, state_shape};
use crate::wire::Wire;
use carapace_module::Module;
use carapace_module::container::trigger_text;
use carapace_module::json::to_json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) fn flows(before: &Module, after: &Module) -> Changes {
    let hashes = |module: &Module| -> BTreeMap<Arc<str>, [u8; 32]> {
        module.flows.iter().map(|flow| (flow.name.clone(), module.flow_hash(flow))).collect()
    };
    let (was, is) = (hashes(before), hashes(after));
    Changes {
        added: is.keys().filter(|name| !was.contains_key(*name)).cloned().collect(),
        removed: was.keys().filter(|name| !is.contains_key(*name)).cloned().collect(),
        changed: is
            .iter()
            .filter(|(name, hash)| was.get(*name).is_some_and(|before| before != *hash))
            .map(|(name, _)| name.clone())
            .collect(),
    }
}

pub(super) fn triggers(before: &Module, after: &Module) -> Vec<Trigger> {
    let started = |module: &Module| {
        let mut started: BTreeMap<String, Vec<Arc<str>>> = BTreeMap::new();
        for flow in &module.flows {
            for trigger in &flow.triggers {
                let text = trigger_text(&trigger.spec, &module.types);
                started.entry(text).or_default().push(flow.name.clone());
            }
        }
        started
    };
    let (mut was, is) = (started(before), started(after));
    let mut changes = Vec::new();
    for (trigger, after) in is {
        let before = was.remove(&trigger).unwrap_or_default();
        if before != after {
            changes.push(Trigger { trigger, before, after });
        }
    }
    changes.extend(was.into_iter().map(|(trigger, before)| Trigger { trigger, before, after: Vec::new() }));
    changes
}

/// What was gained, and what was lost.
pub(super) fn capabilities(before: &Module, after: &Module) -> (Vec<Arc<str>>, Vec<Arc<str>>) {
    let touched = |module: &Module| -> BTreeSet<Arc<str>> {
        // What only tests touch is no capability of what runs.
        let runs = module.capabilities.iter().filter(|of| module.flow(&of.flow).is_some());
        runs.flat_map(|of| of.touches.iter().cloned()).collect()
    };
    let (was, is) = (touched(before), touched(after));
    (is.difference(&was).cloned().collect(), was.difference(&is).cloned().collect())
}

/// What each flow that both have gained, and what it lost.
pub(super) fn reach(before: &Module, after: &Module) -> Vec<Reach> {
    let touched = |module: &Module| -> BTreeMap<Arc<str>, BTreeSet<Arc<str>>> {
        let runs = module.capabilities.iter().filter(|of| module.flow(&of.flow).is_some());
        runs.map(|of| (of.flow.clone(), of.touches.iter().cloned().collect())).collect()
    };
    let (was, is) = (touched(before), touched(after));
    let both = is.iter().filter_map(|(flow, is)| Some((flow, was.get(flow)?, is)));
    both.filter(|(_, was, is)| was != is)
        .map(|(flow, was, is)| Reach {
            flow: flow.clone(),
            gained: is.difference(was).cloned().collect(),
            lost: was.difference(is).cloned().collect(),
        })
        .collect()
}

pub(super) fn bindings(
    before: Option<&BTreeMap<Arc<str>, Binding>>,
    after: &BTreeMap<Arc<str>, Binding>,
) -> Vec<Change> {
    let words = |bindings: &BTreeMap<Arc<str>, Binding>| -> BTreeMap<Arc<str>, String> {
        bindings.iter().map(|(slot, binding)| (slot.clone(), binding.to_string())).collect()
    };
    changes(before.map(words).unwrap_or_default(), words(after))
}

pub(super) fn settings(
    before: Option<(&Module, &[Wire])>,
    after: &Module,
    deployed: Option<&Deployed>,
) -> Vec<Change> {
    // What it would be is only known where it would not be refused.
    let Some(deployed) = deployed else { return Vec::new() };
    let words = |module: &Module, values: &[Wire]| -> BTreeMap<Arc<str>, String> {
        let settings = module.settings.iter().zip(values);
        let word = |(setting, value): (&carapace_module::signature::SettingSignature, &Wire)| {
            let json = to_json(&value.0, &setting.ty, &module.types).unwrap_or_default();
            (setting.name.clone(), json.to_string())
        };
        settings.map(word).collect()
    };
    let was = before.map(|(module, values)| words(module, values)).unwrap_or_default();
    changes(was, words(after, &deployed.settings))
}

fn changes(mut was: BTreeMap<Arc<str>, String>, is: BTreeMap<Arc<str>, String>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, after) in is {
        let before = was.remove(&name);
        if before.as_ref() != Some(&after) {
            changes.push(Change { name, before, after: Some(after) });
        }
    }
    changes.extend(was.into_iter().map(|(name, before)| Change { name, before: Some(before), after: None }));
    changes
}

pub(super) fn states(state: &State, before: &Module, after: &Module) -> Vec<StateChange> {
    let values = |name: &str| state.values.of(name).count();
    let declares = |module: &Module, name: &str| module.states.iter().any(|state| *state.name == *name);
    let mut changes = Vec::new();
    for signature in &after.states {
        let name = signature.name.clone();
        let shape = state_shape(after, &signature.ty, &signature.keys);
        let known = state.shapes.get(&name);
        let kind = match known {
            Some(known) if *known != shape => match fitting(after, signature, known) {
                Some(_) => StateChangeKind::Migrated,
                None => StateChangeKind::Retyped,
            },
            _ if declares(before, &name) => continue,
            _ => StateChangeKind::Added,
        };
        changes.push(StateChange { values: values(&name), name, kind });
    }
    for signature in before.states.iter().filter(|state| !declares(after, &state.name)) {
        let name = signature.name.clone();
        changes.push(StateChange { values: values(&name), name, kind: StateChangeKind::Removed });
    }
    changes
}
