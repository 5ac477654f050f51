//! Runs that are called: by `start f(x)`, or by a performer for an agent that uses a tool.

use super::draft::Draft;
use super::start;
use crate::command::{Rejection, Reply};
use crate::record::{Created, Record};
use crate::state::Deployment;
use crate::stored::{Entry, Run};
use crate::wire::Wire;
use carapace_effect::RunId;
use carapace_module::Value;
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
