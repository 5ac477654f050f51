//! Whether everybody is heard.

use super::Listeners;
use crate::methods::{Methods, ToolServer};
use axum::Json;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use carapace_channel_api::Health;
use serde::Serialize;

/// Whether the runtime hears on all of its channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) struct Readiness {
    /// Whether it does.
    ready: bool,
    /// The accounts whose channel has not proven that it hears.
    waiting: Vec<Deaf>,
    /// Servers of tools that are not there. That does not make it less ready: what it hears it takes in, and who calls such a tool is told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    tools: Vec<Away>,
}

/// A server of tools that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) struct Away {
    /// Its name.
    server: String,
    /// `connecting` or `down`.
    state: String,
}

/// An account whose channel has not proven that it hears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) struct Deaf {
    /// Its name.
    account: String,
    /// `starting`, `catching_up`, `down` or `stopped`.
    state: &'static str,
}

/// `GET /readyz`, for everybody: why a channel is down stays inside.
pub(super) fn routes(methods: &Methods, channels: &Listeners) -> Router {
    let (methods, channels) = (methods.clone(), channels.clone());
    Router::new().route("/readyz", get(async move || answer(&methods, &channels).await))
}

async fn answer(methods: &Methods, channels: &Listeners) -> Response {
    let waiting: Vec<Deaf> = channels
        .all()
        .iter()
        .filter_map(|channel| {
            let state = state(&channel.status.borrow().health);
            (state != CAUGHT_UP).then(|| Deaf { account: channel.account.clone(), state })
        })
        .collect();
    let away = |server: ToolServer| {
        let is_away = server.state != TOOLS_READY;
        is_away.then(|| Away { server: server.name.to_string(), state: server.state })
    };
    let tools = methods.host.tool_servers().into_iter().filter_map(away).collect();
    let ready = waiting.is_empty() && methods.engine.look(|_| ()).await.is_ok();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(Readiness { ready, waiting, tools })).into_response()
}

pub(super) const CAUGHT_UP: &str = "caught_up";

/// What a server of tools is that is there.
pub(super) const TOOLS_READY: &str = "ready";

/// What a channel is doing, in a word.
pub(super) fn state(health: &Health) -> &'static str {
    match health {
        Health::Starting => "starting",
        Health::CatchingUp => "catching_up",
        Health::CaughtUp => CAUGHT_UP,
        Health::Down { .. } => "down",
        Health::Stopped => "stopped",
    }
}
