//! What a runtime knows of its messages, whether it runs or not.

use crate::args::Place;
use crate::commands::runs::runtime::{Runtime, nobody};
use crate::problem::Problem;
use crate::reach::Client;
use carapace_engine::inspect::{
    OutboxFilter, OutboxListed, OutboxShown, find_message, no_message, outbox, view,
};
use carapace_gateway::Request;

/// What is wanted of a message. Only a runtime that runs can do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Retry,
    Drop,
}

pub(super) fn list(runtime: &Runtime, filter: &OutboxFilter) -> Result<OutboxListed, Problem> {
    match runtime {
        Runtime::Live(client) => client.call(&Request::Outbox(filter.clone())),
        Runtime::Stopped(stopped) => Ok(outbox(&stopped.state, filter)),
    }
}

pub(super) fn show(runtime: &Runtime, id: &str) -> Result<OutboxShown, Problem> {
    match runtime {
        Runtime::Live(client) => client.call(&Request::Message { id: id.to_owned() }),
        Runtime::Stopped(stopped) => {
            let no = |some: &[carapace_engine::ActId]| {
                let (code, message, help) = no_message(id, some);
                Problem::new(code, message).help(help)
            };
            let (stands, act) = find_message(&stopped.state, id).map_err(|some| no(&some))?;
            let message = view(&stopped.state, stands, &act).ok_or_else(|| no(&[]))?;
            let history = stopped.message_history(&act).map_err(|e| Problem::new("E0931", e.to_string()))?;
            Ok(OutboxShown { message, history })
        }
    }
}

/// Has something done with a message; gives its whole id.
pub(super) fn change(place: &Place, id: &str, wanted: Wanted) -> Result<String, Problem> {
    let client = Client::connect(place)?.ok_or_else(|| nobody(&place.data()))?;
    let id = id.to_owned();
    let answer: serde_json::Value = client.call(&match wanted {
        Wanted::Retry => Request::Retry { id },
        Wanted::Drop => Request::Drop { id },
    })?;
    Ok(answer.get("id").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
}
