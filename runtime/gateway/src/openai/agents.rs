//! Agents as models.

use super::trouble::Trouble;
use carapace_engine::state::{Deployment, State};
use std::sync::Arc;

/// The module whose agents need not be named with it.
const MAIN: &str = "main.";

/// An agent of what serves.
#[derive(Debug, Clone)]
pub(super) struct Agent {
    /// As a model is called: `shop/desk`.
    pub(super) model: String,
    /// Its full name: `shop/main.desk`.
    pub(super) name: Arc<str>,
    /// Its package.
    pub(super) package: Arc<str>,
    /// Since when it serves, in seconds since 1970 UTC.
    pub(super) since: i64,
    /// Whether it may do something besides talking.
    pub(super) acts: bool,
    /// What it is part of.
    pub(super) deployment: Arc<Deployment>,
}

/// All of them that can be asked, by package and name.
pub(super) fn all(state: &State, flow: &str) -> Vec<Agent> {
    state.deployments.serving().filter(|deployment| deployment.flow(flow).is_some()).flat_map(of).collect()
}

fn of(deployment: &Arc<Deployment>) -> Vec<Agent> {
    let Ok(code) = &deployment.code else { return Vec::new() };
    let agents = code.module().agents.iter().map(|agent| {
        let package = deployment.record.package.clone();
        let (_, short) = names(&package, &agent.name);
        Agent {
            model: format!("{package}/{short}"),
            name: agent.name.clone(),
            package,
            since: deployment.record.at.div_euclid(1_000),
            acts: !agent.tools.is_empty() || !agent.connections.is_empty(),
            deployment: deployment.clone(),
        }
    });
    agents.collect()
}

/// The agent that a model's name means: `shop/desk`, `shop/main.desk`; and `desk` where no other is called so.
pub(super) fn find(state: &State, flow: &str, model: &str) -> Result<Agent, Trouble> {
    let mut known = all(state, flow);
    if let Some(at) = known.iter().position(|agent| is_called(agent, model)) {
        return Ok(known.swap_remove(at));
    }
    let mut found: Vec<Agent> = known.into_iter().filter(|agent| is_short_for(agent, model)).collect();
    match (found.pop(), found.is_empty()) {
        (Some(agent), true) => Ok(agent),
        (Some(last), false) => {
            let names = found.iter().chain([&last]).map(|agent| format!("`{}`", agent.model));
            let names = names.collect::<Vec<_>>().join(", ");
            Err(Trouble::no_model(model, Some(format!("`{model}` may be several models: {names}"))))
        }
        (None, _) => Err(Trouble::no_model(model, old(state, flow, model))),
    }
}

/// What an agent is called within its package: `main.desk`, and `desk` where it stands in the root module.
fn names<'n>(package: &str, name: &'n str) -> (&'n str, &'n str) {
    let own = name.strip_prefix(package).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
    (own, own.strip_prefix(MAIN).unwrap_or(own))
}

fn is_called(agent: &Agent, model: &str) -> bool {
    let named = model.strip_prefix(&*agent.package).and_then(|rest| rest.strip_prefix('/'));
    named.is_some_and(|named| is_short_for(agent, named))
}

fn is_short_for(agent: &Agent, model: &str) -> bool {
    let (own, short) = names(&agent.package, &agent.name);
    model == own || model == short
}

/// Why an agent that is deployed cannot be asked, where that is so.
fn old(state: &State, flow: &str, model: &str) -> Option<String> {
    let without = state.deployments.serving().filter(|deployment| deployment.flow(flow).is_none());
    let agent = without.flat_map(of).find(|agent| is_called(agent, model) || is_short_for(agent, model))?;
    let package = agent.package;
    Some(format!("`{package}` was compiled before agents could be asked so: deploy it anew"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_has_short_names() {
        for (package, name, expected) in [
            ("shop", "shop/main.desk", ("main.desk", "desk")),
            ("shop", "shop/team/sales.desk", ("team/sales.desk", "team/sales.desk")),
            ("shop", "main.desk", ("main.desk", "desk")),
            ("", "main.desk", ("main.desk", "desk")),
            ("shop", "shopping.desk", ("shopping.desk", "shopping.desk")),
        ] {
            assert_eq!(names(package, name), expected, "{package} {name}");
        }
    }
}
