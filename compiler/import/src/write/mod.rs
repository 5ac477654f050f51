//! Old flows as the source of one module.

mod action;
mod condition;
mod flow;
mod module;
mod names;
mod place;
mod text;
mod variables;

use crate::Imported;
use crate::old::{Action, Branch, Flow, Trigger};
use module::Module;
use std::collections::BTreeMap;

/// The source of all flows. `kinds`: the kinds of channels that the library has.
pub(crate) fn package(flows: &[Flow], kinds: &[&str]) -> Imported {
    let mut module = Module::new(kinds);
    let named: Vec<(String, &Flow)> = flows
        .iter()
        .map(|flow| {
            let like = if flow.name.trim().is_empty() { &flow.id } else { &flow.name };
            (module.names.fresh(like, "flow"), flow)
        })
        .collect();
    let callers = callers(flows);
    for flow in flows.iter().filter(|flow| callers.contains_key(&flow.id)) {
        let like = if flow.name.trim().is_empty() { &flow.id } else { &flow.name };
        let name = module.names.fresh(&format!("{like} steps"), "steps");
        module.called.entry(flow.id.clone()).or_insert(name);
    }
    let mut texts = Vec::new();
    for (name, flow) in &named {
        let called = module.called.get(&flow.id).cloned();
        // One that others call and nothing starts is there for them alone.
        if called.is_none() || !matches!(flow.trigger, Trigger::Manual {}) {
            texts.push(flow::triggered(&mut module, flow, name));
        }
        if let Some(called) = called {
            let answers = callers.get(&flow.id).is_some_and(|answers| *answers);
            texts.push(flow::called(&mut module, flow, &called, answers));
        }
    }
    let source = format!("{}{}", module.head(), texts.join("\n"));
    let source = format!("{}\n", carapace_syntax::format(&source).trim_end());
    Imported { source, notes: module.notes, flows: flows.len() }
}

/// The ids of flows that others call, and whether each of those has somebody to answer.
fn callers(flows: &[Flow]) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for flow in flows {
        let answers = matches!(
            flow.trigger,
            Trigger::ChannelMessage { .. }
                | Trigger::Command { .. }
                | Trigger::UserJoin { .. }
                | Trigger::UserLeave { .. }
        );
        calls(&flow.actions, &mut |id| {
            let all = found.entry(id.to_owned()).or_insert(true);
            *all = *all && answers;
        });
    }
    // Those that are called by one that has nobody to answer have nobody either.
    for _ in 0..flows.len() {
        for flow in flows {
            if found.get(&flow.id) == Some(&false) {
                calls(&flow.actions, &mut |id| {
                    found.insert(id.to_owned(), false);
                });
            }
        }
    }
    found
}

fn calls(actions: &[Action], found: &mut dyn FnMut(&str)) {
    for action in actions {
        match action {
            Action::Subflow { flow_id, .. } => found(flow_id),
            Action::Parallel { actions } => calls(actions, found),
            Action::Branch { beside } => {
                if let Ok(branch) = Branch::of(beside) {
                    calls(&branch.then, found);
                    calls(&branch.otherwise, found);
                }
            }
            _ => {}
        }
    }
}
