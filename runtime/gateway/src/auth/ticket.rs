//! `POST /v1/tickets`: whoever has a token gets a ticket, with which a page opens a WebSocket.

use super::guard::client;
use super::{Caller, Gate, NoTicket, Refusal, Scope};
use crate::audit::{Act, Outcome};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::time::Duration;

/// Bytes of what is sent at most.
const LARGEST: usize = 4_096;

/// How it stands in the audit log.
const GIVE: &str = "tickets.create";

/// After so long, whoever has too many tickets may ask again: by then some count no more.
const PAUSE: Duration = Duration::from_secs(4);

/// What is asked for.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// What the ticket permits; what the token does, where nothing is said.
    #[serde(default)]
    scopes: Option<BTreeSet<Scope>>,
}

/// `POST /v1/tickets`, for whoever the gateway knows.
pub(crate) fn ticket(gate: Gate) -> Router {
    Router::new().route("/v1/tickets", post(answer)).with_state(gate)
}

async fn answer(State(gate): State<Gate>, caller: Caller, request: Request) -> Response {
    match given(&gate, &caller, request).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn given(gate: &Gate, caller: &Caller, request: Request) -> Result<Response, Refusal> {
    let (client, asked) = (client(&request), read(request).await?);
    let (access, asking) = (gate.access.clone(), caller.clone());
    let given = tokio::task::spawn_blocking(move || {
        access.audit().ready().map_err(|_| None)?;
        let ticket = access.ticket(&asking, asked.scopes).map_err(Some)?;
        let act = Act {
            who: asking.name.to_string(),
            from: client.address.to_string(),
            what: GIVE.to_owned(),
            on: asking.token().map(str::to_owned),
            outcome: Outcome::Done,
        };
        if let Err(error) = access.audit().note(act, access.now()) {
            tracing::error!(%error, "the audit log cannot be written");
        }
        Ok(ticket)
    });
    let broken = || Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "E1027", "the audit log cannot be written");
    let ticket = given.await.map_err(|_| broken())?.map_err(|why: Option<NoTicket>| match why {
        None => broken(),
        Some(why) => {
            let refusal = refused(why);
            gate.refused(client, (&caller.name, GIVE), &refusal);
            refusal
        }
    })?;
    Ok((StatusCode::CREATED, axum::Json(ticket)).into_response())
}

async fn read(request: Request) -> Result<Asked, Refusal> {
    let bad = |why: String| {
        Refusal::new(StatusCode::BAD_REQUEST, "E1031", why).help("nothing, or `{\"scopes\": [\"read\"]}`")
    };
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_json = kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
    let body = axum::body::to_bytes(request.into_body(), LARGEST).await;
    let body = body.map_err(|_| bad(format!("a ticket is asked for in no more than {LARGEST} bytes")))?;
    if body.is_empty() {
        return Ok(Asked::default());
    }
    if !is_json {
        let (status, why) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is not `application/json`");
        return Err(
            Refusal::new(status, "E1032", why).help("send the header `content-type: application/json`")
        );
    }
    serde_json::from_slice(&body).map_err(|e| bad(format!("this cannot be understood: {e}")))
}

fn refused(why: NoTicket) -> Refusal {
    let refusal = |status, code| Refusal::new(status, code, why.to_string());
    match why {
        NoTicket::NoToken => refusal(StatusCode::CONFLICT, "E1141")
            .help("send `Authorization: Bearer cpc_…`; at this machine a WebSocket needs no ticket"),
        NoTicket::NoScope => refusal(StatusCode::UNPROCESSABLE_ENTITY, "E1141")
            .help("leave `scopes` out: it permits what the token does then"),
        NoTicket::Lacks(_) => refusal(StatusCode::FORBIDDEN, "E0974"),
        NoTicket::Many => Refusal::too_many(PAUSE),
        NoTicket::NoEntropy => refusal(StatusCode::SERVICE_UNAVAILABLE, "E1141"),
    }
}
