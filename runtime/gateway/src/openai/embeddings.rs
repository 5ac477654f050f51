//! `POST /v1/embeddings` (platform.openai.com/docs/api-reference/embeddings).

use super::fields::Fields;
use super::models::{Embed, Embedded, Models, Spent};
use super::service::OpenAi;
use super::trouble::Trouble;
use crate::auth::Caller;
use crate::rpc::Fault;
use axum::Json as Body;
use axum::extract::{Request, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use carapace_effect::{Failure, FailureKind};
use carapace_engine::Input;
use carapace_engine::service::Handle;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// How it stands in the audit log.
const EMBED: &str = "models.embed";

/// Texts in one request at most.
const TEXTS: usize = 2_048;

/// Turns texts into numbers.
pub(super) async fn embed(
    State(api): State<OpenAi>,
    caller: Caller,
    request: Request,
) -> Result<Body<Json>, Trouble> {
    api.may(&caller, EMBED)?;
    let mut fields = Fields::of(request).await?;
    let model = fields.needed("model")?;
    let texts = texts(&mut fields)?;
    if fields.count("dimensions")?.is_some() {
        return Err(fields.refuse("dimensions", "is the model's own"));
    }
    let packed = match fields.text("encoding_format")?.as_deref() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(_) => return Err(fields.wrong("encoding_format", "is `float` or `base64`")),
    };
    let Some(models) = api.models() else { return Err(no_model(&model, None)) };
    api.ready().await?;
    let count = texts.len();
    let asked = ask(models.clone(), api.engine().clone(), caller.name.clone(), model.clone(), texts);
    let embedded = tokio::spawn(asked).await.unwrap_or_else(|_| {
        Ok(Err(Failure::new(FailureKind::Failed, "asking the model broke down within this runtime")))
    })?;
    let embedded = embedded.and_then(|embedded| all(embedded, count)).map_err(|why| match why.kind {
        FailureKind::Unavailable => no_model(&model, Some(why.message)),
        _ => Trouble::failed(&why),
    });
    api.note(&caller, EMBED, model.clone(), embedded.as_ref().map(|_| ())).await;
    Ok(Body(listed(&model, &embedded?, packed)))
}

/// Asks, and counts what that used up. It does so to its end, also where whoever asked hangs up: a model that was asked is paid for.
async fn ask(
    models: Arc<dyn Models>,
    engine: Handle,
    by: Arc<str>,
    model: String,
    texts: Vec<String>,
) -> Result<Result<Embedded, Failure>, Fault> {
    let Spent { embedded, usage } = models.embed(Embed { model, texts }).await;
    // Nothing is answered before it is counted.
    engine.submit(Input::Used { by, usage }).await?;
    Ok(embedded)
}

fn texts(fields: &mut Fields) -> Result<Vec<String>, Trouble> {
    let input = fields.take("input").ok_or_else(|| fields.wrong("input", "is missing"))?;
    let texts = match input {
        Json::String(text) => vec![text],
        Json::Array(items) => {
            let texts = items.into_iter().map(|item| match item {
                Json::String(text) => Ok(text),
                Json::Number(_) | Json::Array(_) => {
                    Err(fields.refuse("input", "is made of texts: tokens are another model's"))
                }
                _ => Err(fields.wrong("input", "is a text, or a list of texts")),
            });
            texts.collect::<Result<Vec<_>, _>>()?
        }
        _ => return Err(fields.wrong("input", "is a text, or a list of texts")),
    };
    if texts.is_empty() || texts.len() > TEXTS || texts.iter().any(String::is_empty) {
        return Err(fields.wrong("input", &format!("has 1 to {TEXTS} texts, none of them empty")));
    }
    Ok(texts)
}

fn no_model(name: &str, why: Option<String>) -> Trouble {
    Trouble::no_model(name, why)
        .help("a model that turns texts into numbers is called by its provider and name, as `models` in `carapace.json5` has it")
}

/// One list for each text.
fn all(embedded: Embedded, count: usize) -> Result<Embedded, Failure> {
    if embedded.vectors.len() == count {
        return Ok(embedded);
    }
    Err(Failure::new(FailureKind::Invalid, "the model did not answer for each text"))
}

fn listed(model: &str, embedded: &Embedded, packed: bool) -> Json {
    let vectors = embedded.vectors.iter().enumerate().map(|(at, vector)| {
        // As the official clients ask for it: 32-bit numbers, the low byte first.
        let embedding = if packed {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            Json::from(BASE64.encode(bytes))
        } else {
            json!(vector)
        };
        json!({ "object": "embedding", "index": at, "embedding": embedding })
    });
    json!({
        "object": "list",
        "data": vectors.collect::<Vec<_>>(),
        "model": model,
        "usage": { "prompt_tokens": embedded.tokens, "total_tokens": embedded.tokens },
    })
}
