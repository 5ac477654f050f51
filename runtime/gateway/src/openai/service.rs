//! What is served in OpenAI's form.

use super::ends::Ends;
use super::kept::Kept;
use super::models::Models;
use super::once::Claims;
use super::trouble::Trouble;
use super::{chat, embeddings, listed, responses};
use crate::Methods;
use crate::auth::{Caller, Scope};
use crate::rpc::Fault;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use carapace_engine::service::Handle;
use serde_json::Value as Json;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The flow of the library that answers: `serve(agent: Text, message: Text, request: Json) -> Json`.
pub const SERVE: &str = "std/exchange.serve";

/// Bytes of a body at most: a long conversation with a few pictures in it.
const BODY_BYTES: usize = 8 << 20;

/// Agents, in the form of OpenAI's API. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OpenAi {
    methods: Methods,
    models: Arc<OnceLock<Arc<dyn Models>>>,
    flow: Arc<str>,
    ends: Ends,
    kept: Kept,
    claims: Claims,
}

impl OpenAi {
    /// Those of a runtime.
    pub fn new(methods: &Methods) -> OpenAi {
        OpenAi {
            methods: methods.clone(),
            models: Arc::default(),
            flow: SERVE.into(),
            ends: Ends::new(SERVE.into()),
            kept: Kept::default(),
            claims: Claims::default(),
        }
    }

    /// The same, of a runtime that keeps what it keeps in this data directory.
    #[must_use]
    pub fn keeping(self, data: &Path) -> OpenAi {
        let kept = Kept::open(data, self.now());
        OpenAi { kept, ..self }
    }

    /// From now on there are those who ask models: what they say is told as they say it, and texts become numbers. Once.
    pub fn set_models(&self, models: Arc<dyn Models>) {
        // Whoever comes later is not heard.
        let _ = self.models.set(models);
    }

    /// Answered by another flow than that of the library.
    #[must_use]
    pub fn served_by(self, flow: impl Into<Arc<str>>) -> OpenAi {
        let flow = flow.into();
        OpenAi { ends: Ends::new(flow.clone()), flow, ..self }
    }

    /// The routes, for whoever the gateway knows.
    pub fn routes(&self) -> Router {
        Router::new()
            .route("/v1/models", get(listed::list))
            .route("/v1/models/{*name}", get(listed::show))
            .route("/v1/chat/completions", post(chat::complete))
            .route("/v1/responses", post(responses::respond))
            .route("/v1/responses/{id}", get(responses::show).delete(responses::remove))
            .route("/v1/embeddings", post(embeddings::embed))
            .layer(DefaultBodyLimit::max(BODY_BYTES))
            .method_not_allowed_fallback(not_so)
            .with_state(self.clone())
    }

    /// The flow that answers.
    pub(super) fn flow(&self) -> &Arc<str> {
        &self.flow
    }

    pub(super) fn engine(&self) -> &Handle {
        &self.methods.engine
    }

    pub(super) fn ends(&self) -> &Ends {
        &self.ends
    }

    /// What is kept for those who asked.
    pub(super) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Requests that may be sent again and are being answered.
    pub(super) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What time it is, in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.methods.now()
    }

    /// Those who ask models.
    pub(super) fn models(&self) -> Option<&Arc<dyn Models>> {
        self.models.get()
    }

    /// Begins to listen how runs end.
    pub(super) async fn listen(&self) -> Result<(), Trouble> {
        self.ends.listen(&self.methods, self.models()).await
    }

    /// Whether somebody may talk to agents; where not, that is written down.
    pub(super) fn may(&self, caller: &Caller, what: &str) -> Result<(), Trouble> {
        Ok(self.methods.check(caller, what, Scope::Chat)?)
    }

    /// Whether what is done next can be written down.
    pub(super) async fn ready(&self) -> Result<(), Trouble> {
        Ok(self.methods.ready().await?)
    }

    /// Writes down what was done, or refused.
    pub(super) async fn note(&self, caller: &Caller, what: &str, on: String, done: Result<(), &Trouble>) {
        let result = done.map(|()| Json::Null);
        let result = result.map_err(|trouble| Fault::refused(trouble.explained(), trouble.message(), None));
        self.methods.note(caller, (what, Some(on)), &result).await;
    }
}

async fn not_so() -> Trouble {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let help = Some(
        "`GET` shows models and responses that are kept, `DELETE` lets go of one, and everything else is `POST`",
    );
    Trouble::refused(status, "E1035", "that cannot be done with this resource", help)
}
