//! `exchange.nearness`: how near texts are in meaning to another.

use super::Asking;
use super::setup::chain;
use crate::Error;
use serde_json::{Value as Json, json};

pub(super) async fn nearness(asking: &Asking<'_>) -> Result<Json, Error> {
    let agent = asking.act.agent.as_ref();
    // The engine asks nobody where no model is named.
    let Some((agent, model)) = agent.and_then(|agent| Some((agent, agent.property("embeddings")?.as_str()?)))
    else {
        return Ok(Json::Null);
    };
    let chain = chain(agent, model, asking.models)?;
    let texts = asking.act.arguments.get("texts").and_then(Json::as_array);
    let texts: Option<Vec<&str>> =
        texts.and_then(|texts| texts.iter().map(Json::as_str).collect::<Option<_>>());
    let texts = texts.ok_or_else(|| Error::unavailable("`exchange.nearness` comes without `texts`"))?;
    let near = asking.models.nearness(&chain, asking.text("query")?, &texts, asking.tally).await?;
    Ok(json!(near))
}
