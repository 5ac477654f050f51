//! `POST /v1/pair`: a device says the code that a person reads to it, and gets a token.

use super::guard::client;
use super::{Gate, Refusal, Unpaired, is_in_address};
use crate::audit::{Act, Outcome};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

/// Bytes of what is sent at most.
const LARGEST: usize = 4_096;

/// What a device says. It says not what it wants to do: that was chosen by who showed the code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    code: String,
    /// What the device is called.
    name: String,
}

/// `POST /v1/pair`.
pub(crate) fn pair(gate: Gate) -> Router {
    Router::new().route("/v1/pair", post(answer)).with_state(gate)
}

async fn answer(State(gate): State<Gate>, request: Request) -> Response {
    match paired(&gate, request).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn paired(gate: &Gate, request: Request) -> Result<Response, Refusal> {
    let client = client(&request);
    if is_in_address(request.uri()) {
        return Err(super::in_address());
    }
    gate.hear(client)?;
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim() != "application/json" {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, "E1028", "a device says its code as `application/json`"));
    }
    let help = "`{\"code\": \"K7QM-3XTF\", \"name\": \"phone\"}`";
    let bad = |why: String| Refusal::new(StatusCode::BAD_REQUEST, "E1028", why).help(help);
    let body = axum::body::to_bytes(request.into_body(), LARGEST).await;
    let body = body.map_err(|_| bad(format!("a device says no more than {LARGEST} bytes")))?;
    let asked: Asked =
        serde_json::from_slice(&body).map_err(|e| bad(format!("this cannot be understood: {e}")))?;
    let access = gate.access.clone();
    let made = tokio::task::spawn_blocking(move || {
        access.audit().ready().map_err(|_| None)?;
        let made = access.pair(&asked.code, &asked.name).map_err(Some)?;
        let act = Act {
            who: made.entry.name.clone(),
            from: client.address.to_string(),
            what: "pair".to_owned(),
            on: Some(made.entry.id.clone()),
            outcome: Outcome::Done,
        };
        if let Err(error) = access.audit().note(act, access.now()) {
            tracing::error!(%error, "the audit log cannot be written");
        }
        Ok(made)
    });
    let broken = || Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "E1027", "the audit log cannot be written");
    let made = match made.await.map_err(|_| broken())? {
        Ok(made) => made,
        Err(None) => return Err(broken()),
        Err(Some(Unpaired::Code)) => {
            let refusal = Refusal::new(StatusCode::FORBIDDEN, "E1028", Unpaired::Code.to_string())
                .help("`carapace pair` shows a new one, which counts for five minutes");
            return Err(gate.failed(client, ("?", "pair"), refusal));
        }
        Err(Some(Unpaired::Unchanged(why))) => {
            let (code, help) = why.code();
            let refusal = Refusal::new(StatusCode::CONFLICT, code, why.to_string());
            return Err(match help {
                Some(help) => refusal.help(help),
                None => refusal,
            });
        }
    };
    let body = json!({
        "token": made.token,
        "id": made.entry.id,
        "name": made.entry.name,
        "scopes": made.entry.scopes,
        "expires": made.entry.expires,
    });
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::CREATED, kind, format!("{body}\n")).into_response())
}
