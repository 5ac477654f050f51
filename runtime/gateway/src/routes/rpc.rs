//! JSON-RPC over HTTP: one call, one answer.

use crate::Methods;
use crate::auth::Caller;
use crate::rpc::{Fault, answer, parse};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::Value as Json;

/// `POST /v1/rpc`.
pub(super) fn routes(methods: Methods) -> Router {
    Router::new().route("/v1/rpc", post(call)).with_state(methods)
}

async fn call(State(methods): State<Methods>, caller: Caller, headers: HeaderMap, body: Bytes) -> Response {
    // A page of a stranger can send a form or a plain text without being asked; JSON it cannot.
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim() != "application/json" {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "a call is `application/json`\n").into_response();
    }
    let (id, result) = match parse(&body) {
        Ok(call) => (call.id.clone(), methods.call(&caller, &call.method, call.params).await),
        Err(refused) => {
            let (id, fault) = *refused;
            (Some(id), Err(fault))
        }
    };
    match id {
        Some(id) => told(&id, result),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

fn told(id: &Json, result: Result<Json, Fault>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], answer(id, result)).into_response()
}
