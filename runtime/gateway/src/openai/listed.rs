//! `GET /v1/models` (platform.openai.com/docs/api-reference/models).

use super::agents::{Agent, all, find};
use super::service::OpenAi;
use super::trouble::Trouble;
use crate::auth::Caller;
use axum::Json as Body;
use axum::extract::{Path, State};
use serde_json::{Value as Json, json};

/// What can be asked.
pub(super) async fn list(State(api): State<OpenAi>, caller: Caller) -> Result<Body<Json>, Trouble> {
    api.may(&caller, "models.list")?;
    let flow = api.flow().to_owned();
    let agents = api.engine().look(move |state| all(state, &flow)).await?;
    let data: Vec<Json> = agents.iter().map(of_agent).collect();
    Ok(Body(json!({ "object": "list", "data": data })))
}

/// One of them.
pub(super) async fn show(
    State(api): State<OpenAi>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Body<Json>, Trouble> {
    api.may(&caller, "models.list")?;
    let flow = api.flow().to_owned();
    let agent = api.engine().look(move |state| find(state, &flow, &name)).await??;
    Ok(Body(of_agent(&agent)))
}

fn of_agent(agent: &Agent) -> Json {
    json!({
        "id": agent.model, "object": "model", "created": agent.since, "owned_by": &*agent.package,
    })
}
