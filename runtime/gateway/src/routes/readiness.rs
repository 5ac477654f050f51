//! Whether everybody is heard.

use super::Listeners;
use axum::Json;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use carapace_channel_api::Health;
use carapace_engine::service::Handle;
use serde::Serialize;

/// Whether the runtime hears on all of its channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) struct Readiness {
    /// Whether it does.
    ready: bool,
    /// The accounts whose channel has not proven that it hears.
    waiting: Vec<Deaf>,
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
pub(super) fn routes(engine: &Handle, channels: &Listeners) -> Router {
    let (engine, channels) = (engine.clone(), channels.clone());
    Router::new().route("/readyz", get(async move || answer(&engine, &channels).await))
}

async fn answer(engine: &Handle, channels: &Listeners) -> Response {
    let waiting: Vec<Deaf> = channels
        .all()
        .iter()
        .filter_map(|channel| {
            let state = state(&channel.status.borrow().health);
            (state != CAUGHT_UP).then(|| Deaf { account: channel.account.clone(), state })
        })
        .collect();
    let ready = waiting.is_empty() && engine.look(|_| ()).await.is_ok();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(Readiness { ready, waiting })).into_response()
}

pub(super) const CAUGHT_UP: &str = "caught_up";

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
