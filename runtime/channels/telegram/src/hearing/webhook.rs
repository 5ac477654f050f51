//! Updates that Telegram brings.

use super::intake::{Intake, Taken};
use super::start::{arrange, trouble};
use crate::Mode;
use crate::part::Part;
use crate::wire::Wire;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use carapace_channel_api::axum;
use carapace_channel_api::{Error, ExposeSecret as _, Health, Mount};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use teloxide::payloads::GetWebhookInfo;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// The header in which Telegram says what it was told to say (Bot API, `setWebhook`).
const SECRET: &str = "x-telegram-bot-api-secret-token";

/// An update is a few kilobytes.
const MOST: usize = 1 << 20;

/// Updates that wait for the one before them.
const QUEUE: usize = 16;

/// How often Telegram is asked how it gets on: while something piled up, and otherwise.
const CHECKS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// Where Telegram knocks.
pub(crate) struct Door {
    wire: Arc<Wire>,
    /// Who takes updates in, while somebody does.
    inside: Mutex<Option<mpsc::Sender<Brought>>>,
}

/// An update that somebody waits with.
struct Brought {
    update: Value,
    id: i64,
    answer: oneshot::Sender<Taken>,
}

/// Everything that wakes the loop.
enum Event {
    Brought(Brought),
    Album,
    Check,
    End,
}

impl Door {
    pub(crate) fn new(wire: Arc<Wire>) -> Arc<Door> {
        Arc::new(Door { wire, inside: Mutex::default() })
    }

    /// The route at the public address's path.
    pub(crate) fn mount(self: &Arc<Door>, address: &str) -> Option<Mount> {
        let url = reqwest::Url::parse(address).ok()?;
        let path = url.path().trim_end_matches('/').to_owned();
        let router = Router::new().route("/", post(knock)).layer(DefaultBodyLimit::max(MOST));
        let host = url.host_str().map(str::to_owned);
        Some(Mount { path, router: router.with_state(self.clone()), page: None, host })
    }

    fn open(&self) -> mpsc::Receiver<Brought> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        *self.inside.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        receiver
    }

    fn inside(&self) -> Option<mpsc::Sender<Brought>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Somebody brings something. Telegram hears 200 when it is durable, and brings it again when it hears anything else.
async fn knock(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(secret) = door.wire.webhook_secret() else { return later(Duration::from_secs(60)) };
    let said = headers.get(SECRET).map(|said| said.as_bytes()).unwrap_or_default();
    if !bool::from(said.ct_eq(secret.expose_secret().as_bytes())) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(update) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(id) = Part::of(&update).at("update_id").number() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (answer, answered) = oneshot::channel();
    let brought = Brought { update, id, answer };
    let sent = match door.inside() {
        Some(inside) => inside.send(brought).await.is_ok(),
        None => false,
    };
    if !sent {
        return later(Duration::from_secs(1));
    }
    match answered.await {
        Ok(Taken::Yes) => StatusCode::OK.into_response(),
        Ok(Taken::Refused(after)) => later(after),
        Ok(Taken::Ending) | Err(_) => later(Duration::from_secs(1)),
    }
}

fn later(after: Duration) -> Response {
    let seconds = after.as_secs().max(1).to_string();
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, seconds)]).into_response()
}

/// Takes in what is brought, until the end.
pub(crate) async fn receive(intake: &mut Intake<'_>, door: &Door) -> Result<(), Error> {
    let mut brought = door.open();
    let shutdown = intake.shutdown.clone();
    let mut check = Instant::now();
    intake.status.set(Health::CatchingUp);
    loop {
        let album = intake.next();
        let event = tokio::select! {
            () = shutdown.requested() => Event::End,
            Some(brought) = brought.recv() => Event::Brought(brought),
            () = until(album) => Event::Album,
            () = tokio::time::sleep_until(check) => Event::Check,
        };
        match event {
            Event::Brought(Brought { update, id, answer }) => {
                let taken = intake.take(&update, id, false).await?;
                intake.status.heard();
                // Telegram may have hung up: it brings it again.
                let _ = answer.send(taken);
            }
            Event::Album => {
                if let Taken::Refused(after) = intake.settle(false).await? {
                    tokio::time::sleep(after.min(Duration::from_secs(5))).await;
                }
            }
            Event::Check => check = Instant::now() + look(intake).await?,
            Event::End => return Ok(()),
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Asks Telegram how it gets on with bringing; when to ask again.
async fn look(intake: &Intake<'_>) -> Result<Duration, Error> {
    let Mode::Webhook(address) = &intake.options.mode else { return Ok(CHECKS.1) };
    let answer = match intake.wire.call(&GetWebhookInfo::new()).await {
        Ok(answer) => answer,
        Err(failure) => {
            let wanted = trouble(intake.options, intake.wire, intake.status, &failure)?;
            return Ok(wanted.unwrap_or(CHECKS.0));
        }
    };
    let info = Part::of(&answer);
    intake.status.heard();
    let same = |said: &str| reqwest::Url::parse(said).ok() == reqwest::Url::parse(address).ok();
    if !info.at("url").text().is_some_and(same) {
        tracing::warn!(account = %intake.options.account, "somebody took the webhook away; it is set again");
        if let Err(failure) = arrange(intake.options, intake.wire).await {
            trouble(intake.options, intake.wire, intake.status, &failure)?;
        }
        return Ok(CHECKS.0);
    }
    let waiting = info.at("pending_update_count").number().unwrap_or(0);
    let health = match info.at("last_error_message").text() {
        Some(error) if waiting > 0 => {
            let reason = format!("telegram cannot bring {waiting} updates to the webhook: {error}");
            Health::Down { reason }
        }
        _ if waiting > 0 => Health::CatchingUp,
        _ => Health::CaughtUp,
    };
    intake.status.set(health);
    Ok(if waiting > 0 { CHECKS.0 } else { CHECKS.1 })
}
