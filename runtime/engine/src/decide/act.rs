//! Acts as performers get them.

use super::answer::button_id;
use super::{budget, context, preview, session, world};
use crate::Act;
use crate::ActId;
use crate::state::{Deployment, State};
use crate::stored::{Asking, Call, Operation, Part, Run};
use carapace_effect::{Agent, Connection, Life, Recall, RunId, Tool};
use carapace_module::schema::{object_schema, schema};
use carapace_module::signature::is_of_the_run;
use carapace_module::{Module, Type, TypeTable};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Calls a tool of a server.
const REMOTE: &str = "mcp.call";

/// An act, as it would be sent now.
pub fn act_of(state: &State, id: &ActId) -> Option<Act> {
    let run = state.runs.get(id.run)?;
    let operation = run.operations.get(&id.op).or_else(|| run.settling.get(&id.op))?;
    let part = operation.parts().get(id.part as usize)?;
    let call = operation.call()?;
    let deployment = state.deployments.get(run.deployment)?;
    let code = deployment.code.as_ref().ok()?;
    let module = code.module();
    let signature = module.effects.iter().find(|e| e.name == call.effect && e.version == call.version);
    let mut arguments = Map::new();
    for (at, (value, ty)) in call.args.iter().zip(&call.types).enumerate() {
        let name =
            signature.and_then(|s| s.params.get(at)).map_or_else(|| at.to_string(), |(n, _)| n.to_string());
        arguments.insert(name, world::json(&module.types, ty, &value.0));
    }
    if *call.effect == *REMOTE {
        bare_tool(&mut arguments);
    }
    let buttons = match operation {
        Operation::Question { question, .. } => {
            let button = |(index, label): (usize, &Arc<str>)| (button_id(id, index), label.to_string());
            question.buttons.iter().enumerate().map(button).collect()
        }
        _ => Vec::new(),
    };
    let origin = run.event.and_then(|n| state.events.get(n)).and_then(|taken| taken.event.origin.clone());
    Some(Act {
        id: id.clone(),
        attempt: part.attempts,
        key: key(id),
        again: part.attempts > 1,
        flow: run.flow.clone(),
        request: call.to_request(),
        arguments,
        to: part.to.clone(),
        origin: origin.map(Arc::new),
        buttons,
        question: matches!(operation, Operation::Question { .. }),
        approval: matches!(operation, Operation::Question { question, .. } if matches!(question.asking, Asking::Approval { .. })),
        schema: call.type_arg.as_ref().map(|ty| schema(ty, &module.types)),
        agent: agent(deployment, module, call),
        server: server(deployment, call),
        session: recall(state, id, call),
        hosts: deployment.permits.hosts(&run.flow, &call.types),
        preview: preview::of(run, id, call),
    })
}

/// The agent that is asked, with what a model has to know of its tools.
fn agent(deployment: &Deployment, module: &Module, call: &Call) -> Option<Arc<Agent>> {
    let name = budget::agent_of(call)?;
    let signature = module.agents.iter().find(|known| known.name == name)?;
    let tool = |name: &Arc<str>| {
        let flow = module.flows.iter().find(|flow| flow.name == *name)?;
        Some(Tool {
            name: name.clone(),
            description: flow.docs.clone().unwrap_or_default(),
            parameters: object_schema(&said_by_models(&flow.params, &module.types), &module.types),
        })
    };
    Some(Arc::new(Agent {
        name,
        properties: signature.properties.clone(),
        tools: signature.tools.iter().filter_map(tool).collect(),
        connections: signature
            .connections
            .iter()
            .filter_map(|name| Some(Connection { name: name.clone(), server: deployment.connection(name)? }))
            .collect(),
    }))
}

/// Parameters that a model gives; the others are the run's to say.
fn said_by_models(params: &[(Arc<str>, Type)], types: &TypeTable) -> Vec<(Arc<str>, Type)> {
    params.iter().filter(|(name, ty)| !is_of_the_run(name, ty, types)).cloned().collect()
}

/// Agents know a server's tools by the connection's name, `main.files.read`; the server by its own.
fn bare_tool(arguments: &mut Map<String, Json>) {
    let connection = arguments.get("connection").and_then(Json::as_str).unwrap_or_default().to_owned();
    if let Some(Json::String(tool)) = arguments.get_mut("tool")
        && let Some(bare) = tool.strip_prefix(&connection).and_then(|rest| rest.strip_prefix('.'))
    {
        *tool = bare.to_owned();
    }
}

/// The server that is asked, where the connection is bound.
fn server(deployment: &Deployment, call: &Call) -> Option<Arc<str>> {
    if *call.effect != *REMOTE {
        return None;
    }
    deployment.connection(&world::as_text(&call.args.first()?.0)?)
}

/// What an agent is reminded of, where the act asks one that remembers.
fn recall(state: &State, id: &ActId, call: &Call) -> Option<Arc<Recall>> {
    if *call.effect == *context::SUM_UP {
        return context::part_of(state, call).map(Arc::new);
    }
    let of = session::exchange_of(id.run, call)?;
    let (key, session) = state.sessions.of(&of)?;
    Some(Arc::new(session.recall(key, &of)))
}

/// An act's run, operation and part.
pub(super) fn find<'a>(state: &'a State, act: &ActId) -> Option<(&'a Run, &'a Operation, &'a Part)> {
    let run = state.runs.get(act.run)?;
    let operation = run.operations.get(&act.op).or_else(|| run.settling.get(&act.op))?;
    Some((run, operation, operation.parts().get(act.part as usize)?))
}

/// What a platform is given, so that it does not do the same thing twice. A `retry` is an operation of its own and so
/// has another; a re-send keeps it.
fn key(id: &ActId) -> Arc<str> {
    let hash = blake3::hash(id.to_string().as_bytes());
    let hex = hash.to_hex();
    hex.as_str().get(..32).unwrap_or_default().into()
}

/// Acts of a run that were started and have no outcome.
pub fn started(state: &State, run: RunId) -> Vec<Arc<Act>> {
    let Some(stored) = state.runs.get(run) else { return Vec::new() };
    let mut acts = Vec::new();
    for (op, operation) in stored.operations.iter().chain(&stored.settling) {
        for (part, stored) in (0..).zip(operation.parts()) {
            if matches!(stored.life, Life::Started { .. }) && stored.resend.is_none() {
                let id = ActId { run, op: op.clone(), part };
                acts.extend(act_of(state, &id).map(Arc::new));
            }
        }
    }
    acts
}
