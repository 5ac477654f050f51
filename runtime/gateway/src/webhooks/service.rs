//! From a request to its answer.

use super::address::{ROOT, read as read_address};
use super::answer::{of_flow, taken};
use super::body::{self, Form};
use super::door::{Door, Doors};
use super::open::{Ending, Open};
use super::problem::Problem;
use super::signature::{Check, Request as Signed};
use super::tell::Tell;
use super::{Options, id, seen};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use carapace_channel_api::{ExposeSecret as _, SecretError, Secrets};
use carapace_engine::record::Responded;
use carapace_engine::service::{Gone, Handle};
use carapace_engine::{Event, EventKind, EventNumber, Reply};
use serde_json::{Map, Value as Json, json};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a sender waits before it tries again when the engine is about to end.
const PAUSE: Duration = Duration::from_secs(5);

/// Takes requests in for flows, and gives them their answers. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks(Arc<Inner>);

struct Inner {
    engine: Handle,
    secrets: Arc<dyn Secrets>,
    options: Options,
    doors: Doors,
    open: Open,
    tell: Tell,
    ending: AtomicBool,
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhooks")
    }
}

/// A request whose head was understood.
struct Asked {
    package: Arc<str>,
    path: Arc<str>,
    parts: Parts,
    /// Those who hear of it.
    doors: Vec<Door>,
}

impl Asked {
    /// What has to hold, each once: a request proves itself to everybody who hears of it.
    fn checks(&self) -> Vec<(&Check, &Arc<str>)> {
        let mut checks: Vec<(&Check, &Arc<str>)> = Vec::new();
        for (check, key) in self.doors.iter().filter_map(|door| door.signature.as_ref()) {
            if !checks.contains(&(check, key)) {
                checks.push((check, key));
            }
        }
        checks
    }
}

impl Webhooks {
    /// Those of an engine. `tell` says lines to those who run this.
    pub fn new(
        engine: Handle,
        secrets: Arc<dyn Secrets>,
        options: Options,
        tell: impl Fn(String) + Send + Sync + 'static,
    ) -> Webhooks {
        let (doors, open, tell) = (Doors::new(engine.clone()), Open::default(), Tell::new(tell));
        let ending = AtomicBool::new(false);
        Webhooks(Arc::new(Inner { engine, secrets, options, doors, open, tell, ending }))
    }

    /// The routes: open to everybody, as each request says itself who sent it.
    pub fn routes(&self) -> Router {
        Router::new().route(&format!("{ROOT}{{*rest}}"), any(serve)).with_state(self.clone())
    }

    /// A flow answered.
    pub fn respond(&self, responded: Arc<Responded>) {
        self.0.open.end(responded.event, &Ending::Answered(responded.clone()));
    }

    /// Nothing answers a request any more.
    pub fn unanswered(&self, event: EventNumber) {
        self.0.open.end(event, &Ending::Left);
    }

    /// From now on nothing new is taken in; what was taken in may still be answered.
    pub fn stop(&self) {
        self.0.ending.store(true, Ordering::Release);
    }

    /// The engine has ended: nothing is answered any more, and those who still wait are told that their requests were taken.
    pub fn end(&self) {
        self.stop();
        self.0.open.end_all();
    }
}

async fn serve(State(webhooks): State<Webhooks>, request: Request) -> Response {
    webhooks.0.serve(request).await.unwrap_or_else(|problem| problem.into_response())
}

impl Inner {
    async fn serve(&self, request: Request) -> Result<Response, Problem> {
        if self.ending.load(Ordering::Acquire) {
            return Err(ends(Gone));
        }
        let (parts, body) = request.into_parts();
        let asked = self.find(parts).await?;
        if asked.checks().is_empty() && comes_from_a_page(&asked.parts) {
            let detail = "a page of somewhere else cannot call a webhook that asks nobody who they are";
            let hook = format!("{}/{}", asked.package, asked.path.trim_start_matches('/'));
            return Err(Problem::new(StatusCode::FORBIDDEN, detail).unproven(hook, "E1053"));
        }
        let bytes = self.receive(body).await?;
        for (check, key) in asked.checks() {
            self.prove(check, key, &asked, &bytes)?;
        }
        let (body, form) = body::read(&asked.parts.headers, &bytes)?;
        fits(&asked.doors, &body, form)?;
        let event = event(&asked, body)?;
        let patience = asked.checks().iter().filter_map(|(check, _)| check.patience()).min();
        let patience = patience.map_or(self.options.patience, |own| own.min(self.options.patience));
        self.take(event, patience).await
    }

    /// Who hears of a request.
    async fn find(&self, parts: Parts) -> Result<Asked, Problem> {
        let nothing = || Problem::new(StatusCode::NOT_FOUND, "no flow takes requests at this path");
        let (package, path) = read_address(parts.uri.path()).ok_or_else(nothing)?;
        let mut doors = self.doors.at(&package, &path).await.map_err(ends)?;
        if doors.is_empty() {
            return Err(nothing());
        }
        let mut methods: Vec<Arc<str>> = doors.iter().map(|door| door.method.clone()).collect();
        doors.retain(|door| *door.method == *parts.method.as_str());
        if doors.is_empty() {
            methods.sort();
            methods.dedup();
            let allow = HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static(""));
            let detail = format!("this path is not called with `{}`", parts.method);
            return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail).header(header::ALLOW, allow));
        }
        Ok(Asked { package: package.into(), path: path.into(), parts, doors })
    }

    async fn receive(&self, body: Body) -> Result<Bytes, Problem> {
        let most = self.options.body_bytes;
        let read = tokio::time::timeout(self.options.body_time, to_bytes(body, most)).await;
        let read =
            read.map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time"))?;
        read.map_err(|error| {
            let source = std::error::Error::source(&error);
            if source.is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>) {
                let detail = format!("a body has at most {most} bytes");
                return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).with("most", json!(most));
            }
            Problem::new(StatusCode::BAD_REQUEST, "the body did not arrive whole")
        })
    }

    fn prove(&self, check: &Check, name: &str, asked: &Asked, body: &[u8]) -> Result<(), Problem> {
        if let Check::Unknown { name } = check {
            self.tell.say(format!(
                "webhook {} of {} wants a signature `{name}`, which this version does not know: requests are answered 503",
                asked.path, asked.package
            ));
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "what this webhook asks for is not known here",
            ));
        }
        let key = if check.takes_key() { Some(self.key(name, asked)?) } else { None };
        let key = key.as_ref().map_or("", |key| key.expose_secret());
        let now = self.options.clock.now().div_euclid(1_000);
        let window = i64::try_from(self.options.window.as_secs()).unwrap_or(i64::MAX);
        let signed = Signed { headers: &asked.parts.headers, body, now, window };
        check.prove(key.as_bytes(), signed).map_err(|why| {
            tracing::info!(package = %asked.package, path = %asked.path, %why, "a webhook's request proved nothing");
            let challenge = HeaderValue::from_static("Bearer");
            let hook = format!("{}/{}", asked.package, asked.path.trim_start_matches('/'));
            Problem::new(StatusCode::UNAUTHORIZED, why).unproven(hook, "E1053").header(header::WWW_AUTHENTICATE, challenge)
        })
    }

    /// The secret as it is now. Without it nothing can be proved, and so nothing is taken.
    fn key(&self, name: &str, asked: &Asked) -> Result<carapace_channel_api::SecretString, Problem> {
        let why = match self.secrets.get(name) {
            Ok(key) if !key.expose_secret().is_empty() => return Ok(key),
            Ok(_) => format!("the secret `{name}` is empty"),
            Err(error @ (SecretError::NotFound { .. } | SecretError::Unavailable { .. })) => {
                error.to_string()
            }
        };
        self.tell.say(format!(
            "webhook {} of {} cannot tell who calls it [E1054]: {why}; requests are answered 503; \
             `carapace secret set {name}` sets it",
            asked.path, asked.package
        ));
        let detail = "this webhook cannot tell now who calls it; those who run it know";
        Err(Problem::busy(Duration::from_mins(1), detail).code("E1054"))
    }

    /// Brings an event to the engine, and waits for what becomes of it.
    async fn take(&self, event: Event, patience: Duration) -> Result<Response, Problem> {
        let bringing = self.open.bring();
        let decided = self.engine.event(event).await.map_err(ends)?;
        match decided.reply {
            Reply::Answered(answer) => return Ok(of_flow(&answer)),
            Reply::Busy(ms) => {
                let after = Duration::from_millis(u64::try_from(ms).unwrap_or_default());
                return Err(Problem::busy(after, "too much is going on; send it again later"));
            }
            Reply::Rejected(why) => {
                let status = match why.code {
                    "E1051" => StatusCode::UNPROCESSABLE_ENTITY,
                    _ => StatusCode::BAD_REQUEST,
                };
                return Err(Problem::new(status, why.message).code(why.code));
            }
            _ => {}
        }
        let Some(call) = decided.call else { return Ok(taken(&[])) };
        if !call.open {
            return Ok(taken(&call.runs));
        }
        let told = bringing.wait(call.event);
        Ok(match tokio::time::timeout(patience, told).await {
            Ok(Ok(Ending::Answered(answer))) => of_flow(&answer),
            Ok(Ok(Ending::Left) | Err(_)) | Err(_) => taken(&call.runs),
        })
    }
}

/// Whether a browser sends it for a page that is not from here. A form needs nobody's leave to be sent anywhere, so the pages that
/// somebody looks at could call what listens on their machine; other machines send no `Origin`.
fn comes_from_a_page(parts: &Parts) -> bool {
    let said = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = parts.headers.get(header::ORIGIN) else { return false };
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    from.is_none() || from != said(header::HOST)
}

/// The engine has ended, or is about to.
fn ends(_: Gone) -> Problem {
    Problem::busy(PAUSE, "this runtime is about to end; send it again later")
}

/// Whether somebody who hears of it takes this body.
fn fits(doors: &[Door], body: &Json, form: Form) -> Result<(), Problem> {
    let mut errors = Vec::new();
    for door in doors {
        match door.fits(body) {
            Ok(()) => return Ok(()),
            Err(error) => errors.push(error),
        }
    }
    // Flows that take the same are wrong about it in the same way.
    errors.dedup();
    let Some(first) = errors.first() else { return Ok(()) };
    let what = match form {
        Form::Json => "the body does not fit",
        Form::Urlencoded => "the body, read as a form, does not fit",
        Form::Nothing => "there is no body, and that does not fit",
    };
    let listed = |error: &carapace_module::json::Error| json!({ "at": error.path, "what": error.message });
    let problem = Problem::new(StatusCode::BAD_REQUEST, format!("{what}: {first}"));
    Err(problem.code("E1052").with("errors", errors.iter().map(listed).collect()))
}

fn event(asked: &Asked, body: Json) -> Result<Event, Problem> {
    let Asked { package, path, parts, .. } = asked;
    let checks: Vec<&Check> = asked.checks().into_iter().map(|(check, _)| check).collect();
    let id = id::of(checks.first().copied(), &parts.headers, &body)?;
    let method = parts.method.as_str();
    let mut fields = Map::new();
    fields.insert("body".to_owned(), body);
    fields.insert("headers".to_owned(), Json::Object(seen::headers(&parts.headers, &checks)));
    fields.insert("query".to_owned(), Json::Object(seen::query(parts.uri.query().unwrap_or_default())));
    fields.insert("path".to_owned(), json!(path));
    fields.insert("method".to_owned(), json!(method));
    let kind = EventKind::Webhook {
        package: Some(package.clone()),
        path: path.clone(),
        method: method.into(),
        id: id.map(Into::into),
    };
    Ok(Event { kind, origin: None, at: None, fields })
}
