//! Responses that are kept: shown, let go of, and gone on behind.
//!
//! Each holds what was said for it and what it answered, and names the one before it. So the words of a conversation are kept once, and letting
//! go of one response lets go of its words.

use super::items::messages;
use crate::auth::Caller;
use crate::methods::owner;
use crate::openai::asking::Running;
use crate::openai::kept::Kind;
use crate::openai::service::OpenAi;
use crate::openai::trouble::Trouble;
use axum::Json as Body;
use axum::extract::{Path, Query, State};
use carapace_effect::RunId;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// What the id of a response begins with.
pub(super) const BEFORE: &str = "resp_";

/// How they stand in the audit log.
const SHOW: &str = "responses.show";
const REMOVE: &str = "responses.delete";

/// Responses that may stand behind each other, and bytes of what was said in them: those of a request.
const LONGEST: usize = 1_000;
const LARGEST: usize = 8 << 20;

/// What was said for a response.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Said {
    /// The response before it.
    #[serde(default)]
    pub(super) previous: Option<String>,
    /// As messages.
    pub(super) input: Vec<Json>,
}

/// A response, as it is kept.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    said: Said,
    response: Json,
}

/// Keeps a response, where that is wanted.
pub(super) struct Keeping {
    api: OpenAi,
    name: String,
    /// None where it is not kept, or was before.
    said: Option<Said>,
}

impl Keeping {
    /// The response of a run.
    pub(super) fn new(api: &OpenAi, caller: &Caller, running: &Running, store: bool, said: Said) -> Keeping {
        let name = name(caller, running.run);
        let said = Some(said).filter(|_| store && !running.again);
        Keeping { api: api.clone(), name, said }
    }

    /// The response, which says whether it is kept.
    pub(super) async fn kept(&self, mut response: Json) -> Json {
        let mut kept = self.api.kept().has(&self.name);
        if let Some(said) = &self.said {
            let now = self.api.now();
            tell(&mut response, true);
            let stored = Stored { said: said.clone(), response: response.clone() };
            let done = self.api.kept().put(&self.name, &stored, now).await;
            if let Err(error) = &done {
                let name = &self.name;
                tracing::warn!(%error, name, "a response cannot be kept");
            }
            kept = done.is_ok();
        }
        tell(&mut response, kept);
        response
    }
}

/// Has a response say whether it is kept.
fn tell(response: &mut Json, kept: bool) {
    if let Some(response) = response.as_object_mut() {
        response.insert("store".to_owned(), kept.into());
    }
}

impl OpenAi {
    /// What was said before and in a response, as messages, the oldest first.
    pub(super) async fn said_before(&self, caller: &Caller, id: &str) -> Result<Vec<Json>, Trouble> {
        let (mut next, mut parts, mut bytes) = (Some(id.to_owned()), Vec::new(), 0_usize);
        while let Some(id) = next {
            let param = Some("previous_response_id");
            let stored = self.stored(caller, &id).await?;
            let Stored { said, response } = stored.ok_or_else(|| Trouble::no_response(&id, param))?;
            let mut part = said.input;
            part.extend(messages(response.get("output").cloned().unwrap_or_else(|| json!([])))?);
            bytes = part.iter().fold(bytes, |bytes, one| bytes.saturating_add(one.to_string().len()));
            parts.push(part);
            if parts.len() > LONGEST || bytes > LARGEST {
                let why = "the conversation behind this response is too long to be gone on with";
                return Err(Trouble::unfit("previous_response_id", why)
                    .help("begin anew, with what matters of it as `input`"));
            }
            next = said.previous;
        }
        Ok(parts.into_iter().rev().flatten().collect())
    }

    async fn stored(&self, caller: &Caller, id: &str) -> Result<Option<Stored>, Trouble> {
        let Some(run) = read(id) else { return Ok(None) };
        let stored = self.kept().get(&name(caller, run), self.now()).await;
        stored.map_err(|error| Trouble::not_kept(&error))
    }
}

/// One that is kept.
pub(in crate::openai) async fn show(
    State(api): State<OpenAi>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Body<Json>, Trouble> {
    api.may(&caller, SHOW)?;
    if query.get("stream").is_some_and(|stream| stream != "false") {
        let why = "`stream` is for a response that is being made: this one is there as a whole";
        return Err(Trouble::unsupported("stream", why));
    }
    let stored = api.stored(&caller, &id).await?;
    stored.map(|stored| Body(stored.response)).ok_or_else(|| Trouble::no_response(&id, None))
}

/// Lets go of one.
pub(in crate::openai) async fn remove(
    State(api): State<OpenAi>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Body<Json>, Trouble> {
    api.may(&caller, REMOVE)?;
    let none = || Trouble::no_response(&id, None);
    let name = name(&caller, read(&id).ok_or_else(none)?);
    api.ready().await?;
    let removed = api.kept().remove(&name).await.map_err(|error| Trouble::not_kept(&error));
    let removed = removed.and_then(|there| if there { Ok(()) } else { Err(none()) });
    api.note(&caller, REMOVE, id.chars().take(80).collect(), removed.as_ref().copied()).await;
    removed?;
    Ok(Body(json!({ "id": id, "object": "response", "deleted": true })))
}

/// Under which name the response of a run is kept for somebody: nobody else finds it.
fn name(caller: &Caller, run: RunId) -> String {
    Kind::Response.name(owner(caller), &run.to_string())
}

/// The run of a response, as its id has it.
fn read(id: &str) -> Option<RunId> {
    let digits = id.strip_prefix(BEFORE)?;
    let run: RunId = digits.parse().ok()?;
    // One way to write it, so that a file has one name.
    (run.to_string() == digits).then_some(run)
}
