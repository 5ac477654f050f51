//! Runs that are called: by `start f(x)`, or by a performer for an agent that uses a tool.

use super::draft::Draft;
use super::{event, start};
use crate::command::{Rejection, Reply};
use crate::record::{Created, Record};
use crate::state::Deployment;
use crate::stored::{Entry, Run};
use crate::wire::Wire;
use carapace_effect::RunId;
use carapace_module::Value;
use carapace_module::json::from_json;
use carapace_module::signature::is_of_the_run;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A tool's run in the name of the run that asked the agent.
pub(super) fn call(draft: &mut Draft<'_>, flow: &Arc<str>, args: Vec<Value>, parent: RunId) -> Reply {
    let asker = draft.state.runs.get(parent).zip(draft.deployment_of(parent));
    let Some((run, deployment)) = asker else {
        return rejected(format!("no run `{parent}` lives"));
    };
    let takes = deployment.flow(flow).map(|flow| flow.params.len());
    if takes.is_some_and(|takes| takes != args.len()) {
        return rejected(format!("flow `{flow}` takes other arguments"));
    }
    match begin(draft, run, deployment, flow, args) {
        Some(run) => Reply::Started(run),
        None => rejected(format!("there is no flow `{flow}`")),
    }
}

/// A run of a flow that serves, for somebody outside.
pub(super) fn invoke(
    draft: &mut Draft<'_>,
    by: Arc<str>,
    (package, flow): (&Arc<str>, &Arc<str>),
    arguments: &Map<String, Json>,
) -> Reply {
    let Some(deployment) = draft.state.deployments.current(package).cloned() else {
        return rejected(format!("there is no package `{package}`"));
    };
    let (Some(signature), Ok(code)) = (deployment.flow(flow), &deployment.code) else {
        return rejected(format!("there is no flow `{flow}` in `{package}`"));
    };
    if !signature.triggers.is_empty() {
        return rejected(format!("`{flow}` starts by itself and is not called"));
    }
    if let Some(name) =
        arguments.keys().find(|name| !signature.params.iter().any(|(known, _)| **known == ***name))
    {
        return rejected(format!("`{flow}` has no parameter `{name}`"));
    }
    let types = &code.module().types;
    if let Some((name, _)) = signature.params.iter().find(|(name, ty)| is_of_the_run(name, ty, types)) {
        return rejected(format!("`{flow}` is about the {name} of what it runs for, and here is none"));
    }
    let mut args = Vec::with_capacity(signature.params.len());
    for (name, ty) in &signature.params {
        let given = arguments.get(&**name).unwrap_or(&Json::Null);
        if event::is_deeper(given, event::DEEPEST) {
            return rejected(format!("`{name}` is nested more than {} levels deep", event::DEEPEST));
        }
        match from_json(given, ty, types) {
            Ok(value) => args.push(Wire(value)),
            Err(_) if given.is_null() => return rejected(format!("`{name}` is missing")),
            Err(error) => return rejected(format!("`{name}` does not fit: {error}")),
        }
    }
    let run = draft.entropy.run_id();
    draft.push(Record::Created(Box::new(Created {
        run,
        flow: flow.clone(),
        deployment: deployment.record.id,
        at: draft.now,
        event: None,
        parent: None,
        by: Some(by),
        retries: None,
        entry: Entry::Call { args },
        lane: None,
        limits: Vec::new(),
        stops: Vec::new(),
        guarded: false,
    })));
    start::release(draft, run, signature);
    Reply::Started(run)
}

/// A run of the flow, with the event and the deployment of the run that calls it; none where there is no such flow.
pub(super) fn begin(
    draft: &mut Draft<'_>,
    caller: &Run,
    deployment: &Arc<Deployment>,
    flow: &Arc<str>,
    args: Vec<Value>,
) -> Option<RunId> {
    let signature = deployment.flow(flow)?;
    let run = draft.entropy.run_id();
    draft.push(Record::Created(Box::new(Created {
        run,
        flow: flow.clone(),
        deployment: caller.deployment,
        at: draft.now,
        event: caller.event,
        parent: Some(caller.id),
        by: caller.by.clone(),
        retries: None,
        entry: Entry::Call { args: args.into_iter().map(Wire).collect() },
        lane: None,
        limits: Vec::new(),
        stops: Vec::new(),
        guarded: false,
    })));
    start::release(draft, run, signature);
    Some(run)
}

fn rejected(message: String) -> Reply {
    let help = Some("`carapace runs` lists those that live".to_owned());
    Reply::Rejected(Rejection { code: "E0910", message, help })
}
