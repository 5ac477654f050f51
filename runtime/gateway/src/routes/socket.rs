//! JSON-RPC over a WebSocket: calls, answered as they are ready, and what happens, told without being asked again.

mod connection;

use super::places::Places;
use super::problem::Problem;
use crate::Methods;
use crate::auth::{Caller, SUBPROTOCOL};
use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use axum::routing::get;
use connection::Connection;

/// Bytes of one message.
const MESSAGE_BYTES: usize = 1 << 20;

/// `GET /v1/ws`.
pub(super) fn routes(methods: &Methods, places: &Places) -> Router {
    Router::new().route("/v1/ws", get(open)).with_state((methods.clone(), places.clone()))
}

async fn open(
    State((methods, places)): State<(Methods, Places)>,
    caller: Caller,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|_| Problem::unreadable("this address is for WebSockets (RFC 6455)"))?;
    let place = places.take()?;
    let ending = methods.engine.watch().map_err(crate::rpc::Fault::from)?;
    let upgrade =
        upgrade.protocols([SUBPROTOCOL]).max_message_size(MESSAGE_BYTES).max_frame_size(MESSAGE_BYTES);
    Ok(upgrade.on_upgrade(async move |socket| {
        Connection::new(socket, methods, caller).live(ending).await;
        drop(place);
    }))
}
