//! JSON-RPC over HTTP: one call, one answer.

use super::rest::{is_json, no_json, read};
use crate::Methods;
use crate::auth::Caller;
use crate::rpc::{Fault, answer, parse};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::Value as Json;

/// Bytes of a call at most: whole modules come in one, as over the control socket.
const LONGEST: usize = 32 << 20;

/// `POST /v1/rpc`.
pub(super) fn routes(methods: Methods) -> Router {
    let call = post(call).layer(DefaultBodyLimit::max(LONGEST));
    Router::new().route("/v1/rpc", call).with_state(methods)
}

async fn call(State(methods): State<Methods>, caller: Caller, request: Request) -> Response {
    if !is_json(request.headers()) {
        return no_json().into_response();
    }
    let body = match read(request).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
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
