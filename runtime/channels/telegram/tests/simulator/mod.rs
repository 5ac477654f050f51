//! A Bot API server of our own, after the documented facts: offsets and long polls, one poller, floods, HTML that does not
//! parse, files; and whatever goes wrong between two machines.

mod form;
mod methods;
mod world;

pub(crate) use world::{BOT, Fault, World};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use carapace_channel_api::axum;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// The token that the simulator knows.
pub(crate) const TOKEN: &str = "4242:AAH-a_token-of_nobody";

/// A server that runs, and the world behind it.
#[derive(Clone)]
pub(crate) struct Simulator {
    world: Arc<Mutex<World>>,
    changed: Arc<Notify>,
    pub(crate) address: SocketAddr,
}

impl Simulator {
    /// Starts it on a free port of this machine.
    pub(crate) async fn start() -> (Simulator, JoinHandle<()>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let simulator = Simulator { world: Arc::default(), changed: Arc::default(), address };
        let router = Router::new()
            .route("/{bot}/{method}", any(call))
            .route("/file/{bot}/{*path}", get(file))
            .layer(axum::extract::DefaultBodyLimit::max(64 << 20))
            .with_state(simulator.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (simulator, serving)
    }

    /// Where it is, as an account is told.
    pub(crate) fn server(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Something happened that the bot is to hear of; gives the update's number.
    pub(crate) fn push(&self, update: Value) -> i64 {
        let id = self.world().push(update);
        self.changed.notify_waiters();
        id
    }

    /// Somebody says something to the bot, in their own chat; gives the message's number.
    pub(crate) fn say(&self, person: i64, text: &str) -> i64 {
        let message = self.world().message(person, person, &json!({ "text": text }));
        let id = message["message_id"].as_i64().unwrap();
        self.push(json!({ "message": message }));
        id
    }

    /// Somebody presses the button that is called so, below a message of the bot's.
    pub(crate) fn press(&self, person: i64, message: i64, label: &str) {
        let update = self.world().pressed(person, message, label);
        self.push(update);
    }

    /// Returns when the world is so.
    pub(crate) async fn until(&self, is_so: impl Fn(&World) -> bool) {
        loop {
            let changed = self.changed.notified();
            if is_so(&self.world()) {
                return;
            }
            // Whoever changes the world says so; the time is for changes that nobody said.
            let _ = tokio::time::timeout(Duration::from_millis(20), changed).await;
        }
    }

    /// Answers like `getUpdates`.
    async fn updates(&self, body: &Value) -> Response {
        let (limit, hold) = (body["limit"].as_u64().unwrap_or(100), body["timeout"].as_u64().unwrap_or(0));
        let generation = {
            let mut world = self.world();
            world.poller += 1;
            if world.webhook.is_some() {
                return refuse(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                );
            }
            if let Some(offset) = body["offset"].as_i64() {
                world.confirm(offset);
            }
            world.poller
        };
        self.changed.notify_waiters();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(hold);
        loop {
            let changed = self.changed.notified();
            {
                let world = self.world();
                if world.poller != generation {
                    return refuse(
                        409,
                        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                    );
                }
                let updates = world.waiting(usize::try_from(limit).unwrap());
                if !updates.is_empty() || tokio::time::Instant::now() >= deadline {
                    return answer(&json!(updates));
                }
            }
            let _ = tokio::time::timeout_at(deadline, changed).await;
        }
    }
}

async fn call(
    State(simulator): State<Simulator>,
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let method = method.to_ascii_lowercase();
    if bot != format!("bot{TOKEN}") {
        return refuse(401, "Unauthorized");
    }
    let (body, files) = form::read(&headers, &body);
    let fault = simulator.world().fault(&method);
    let response = match fault {
        Some(Fault::Refuse(code, description)) => return refuse(code, &description),
        Some(Fault::Flood(seconds)) => {
            let parameters = json!({ "retry_after": seconds });
            return refused(429, &format!("Too Many Requests: retry after {seconds}"), &parameters);
        }
        Some(Fault::Moved(to)) => {
            let parameters = json!({ "migrate_to_chat_id": to });
            return refused(400, "Bad Request: group chat was upgraded to a supergroup chat", &parameters);
        }
        Some(Fault::Raw(status, text)) => {
            return (StatusCode::from_u16(status).unwrap(), text).into_response();
        }
        Some(Fault::Hang) => {
            // Whatever comes of it, nobody hears of it.
            let _ = simulator.world().do_method(&method, &body, &files);
            simulator.changed.notify_waiters();
            return std::future::pending().await;
        }
        Some(Fault::Cut) | None if method == "getupdates" => simulator.updates(&body).await,
        Some(Fault::Cut) | None => {
            let done = simulator.world().do_method(&method, &body, &files);
            simulator.changed.notify_waiters();
            match done {
                Ok(result) => answer(&result),
                Err((code, description)) => refuse(code, &description),
            }
        }
    };
    if fault.is_some() {
        // The head says that an answer comes, and the connection ends before it does.
        let cut = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut"))]);
        return Response::new(Body::from_stream(cut));
    }
    response
}

async fn file(State(simulator): State<Simulator>, Path((bot, path)): Path<(String, String)>) -> Response {
    if bot != format!("bot{TOKEN}") {
        return refuse(401, "Unauthorized");
    }
    match simulator.world().files.get(path.trim_start_matches("files/")) {
        Some(bytes) => bytes.clone().into_response(),
        None => refuse(404, "Not Found"),
    }
}

fn answer(result: &Value) -> Response {
    axum::Json(json!({ "ok": true, "result": result })).into_response()
}

fn refuse(code: u16, description: &str) -> Response {
    let body = json!({ "ok": false, "error_code": code, "description": description });
    (StatusCode::from_u16(code).unwrap(), axum::Json(body)).into_response()
}

fn refused(code: u16, description: &str, parameters: &Value) -> Response {
    let body =
        json!({ "ok": false, "error_code": code, "description": description, "parameters": parameters });
    (StatusCode::from_u16(code).unwrap(), axum::Json(body)).into_response()
}
