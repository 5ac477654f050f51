//! Resources over HTTP: each is one of the methods.

use super::openapi;
use super::problem::Problem;
use super::resources::{ENDPOINTS, Endpoint, Verb};
use super::shapes::{Kind, Shape};
use crate::Methods;
use crate::auth::Caller;
use crate::methods::{Key, Request as Asked};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{
    DefaultBodyLimit, FromRequest as _, FromRequestParts as _, Query, RawPathParams, Request,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, delete, get, post};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// An endpoint, and what answers there.
struct Served {
    methods: Methods,
    endpoint: &'static Endpoint,
    shape: Shape,
}

/// The resources, and word of what is none.
pub(super) fn routes(methods: &Methods) -> Router {
    let named = openapi::schemas();
    let mut router = Router::new();
    for endpoint in &ENDPOINTS {
        // Every method has its shape; a test says so.
        let Some(shape) = Shape::of(endpoint.method, &named) else { continue };
        let served = Arc::new(Served { methods: methods.clone(), endpoint, shape });
        let answer = move |request: Request| {
            let served = served.clone();
            async move { served.answer(request).await.unwrap_or_else(Problem::into_response) }
        };
        let mut route: MethodRouter = match endpoint.verb {
            Verb::Get => get(answer),
            Verb::Post => post(answer),
            Verb::Delete => delete(answer),
        };
        if let Some(bytes) = endpoint.body_bytes {
            route = route.layer(DefaultBodyLimit::max(bytes));
        }
        router = router.route(endpoint.path, route);
    }
    router.route("/v1/{*rest}", axum::routing::any(nothing)).method_not_allowed_fallback(not_so)
}

async fn nothing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "E1034", "nothing is served here")
        .help("`/openapi.json` says what is")
}

async fn not_so() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "E1035", "that cannot be done with this resource")
        .help("`/openapi.json` says what can; the header `allow`, too")
}

impl Served {
    async fn answer(&self, request: Request) -> Result<Response, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = parts.extensions.get::<Caller>().cloned().ok_or_else(Problem::unknown_caller)?;
        let (method, scope) = (self.endpoint.method, self.endpoint.scope);
        // Who may not ask sends no module first.
        self.methods.check(&caller, method, scope)?;
        let mut params = match self.endpoint.verb {
            Verb::Get => self.query(&parts)?,
            Verb::Post | Verb::Delete => self.body(&parts, body).await?,
        };
        if self.endpoint.keyed
            && let Some(key) = Key::of_headers(&parts.headers).map_err(|why| Problem::from(why.fault()))?
        {
            params.insert("key".to_owned(), key.text().into());
        }
        let named = RawPathParams::from_request_parts(&mut parts, &()).await;
        let named = named.map_err(|e| Problem::unreadable(e.body_text().to_lowercase()))?;
        for (name, value) in &named {
            if params.insert(name.to_owned(), value.into()).is_some() {
                return Err(Problem::unreadable(format!("`{name}` stands in the path already")));
            }
        }
        let asked = Asked::read(method, Json::Object(params))?;
        let answer = self.methods.answer(&caller, asked).await?;
        let place = Some(&answer).filter(|_| self.endpoint.status == StatusCode::CREATED);
        let place = place.and_then(|answer| answer.get("run")?.as_str().map(|run| format!("/v1/runs/{run}")));
        let mut response =
            (self.endpoint.status, [(header::CONTENT_TYPE, "application/json")], answer.to_string())
                .into_response();
        if let Some(place) = place.and_then(|place| HeaderValue::from_str(&place).ok()) {
            response.headers_mut().insert(header::LOCATION, place);
        }
        Ok(response)
    }

    /// What a body says.
    async fn body(&self, parts: &Parts, body: Body) -> Result<Map<String, Json>, Problem> {
        let params = object(parts.clone(), body).await?;
        match params.keys().find(|name| self.endpoint.without.contains(&name.as_str())) {
            Some(name) => Err(elsewhere(name)),
            None => Ok(params),
        }
    }

    /// What a query says, each as what it stands for.
    fn query(&self, parts: &Parts) -> Result<Map<String, Json>, Problem> {
        let query: Query<Vec<(String, String)>> = Query::try_from_uri(&parts.uri).map_err(|_| {
            Problem::unreadable("the query cannot be read: it is `name=value`, joined by `&`")
        })?;
        let mut params = Map::new();
        for (name, text) in query.0 {
            if self.endpoint.without.contains(&name.as_str()) {
                return Err(elsewhere(&name));
            }
            let value = match self.shape.kind(&name) {
                Kind::Text => Json::String(text),
                Kind::Number => text
                    .parse::<u64>()
                    .map(Json::from)
                    .map_err(|_| Problem::unreadable(format!("`{name}` is a number that is not negative")))?,
                Kind::Bool => text
                    .parse::<bool>()
                    .map(Json::from)
                    .map_err(|_| Problem::unreadable(format!("`{name}` is `true` or `false`")))?,
            };
            let shown: String = name.chars().take(40).collect();
            if params.insert(name, value).is_some() {
                return Err(Problem::unreadable(format!("`{shown}` stands there twice")));
            }
        }
        Ok(params)
    }
}

/// A parameter that is not offered here.
fn elsewhere(name: &str) -> Problem {
    Problem::unreadable(format!("`{name}` is for calls at `/v1/rpc`"))
}

/// A body that is an object; none at all is an empty one.
async fn object(parts: Parts, body: Body) -> Result<Map<String, Json>, Problem> {
    let json = is_json(&parts.headers);
    let bytes = read(Request::from_parts(parts, body)).await?;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    if !json {
        return Err(no_json());
    }
    match serde_json::from_slice(&bytes) {
        Ok(Json::Object(fields)) => Ok(fields),
        Ok(_) => Err(Problem::unreadable("the body is no JSON object")),
        Err(e) => Err(Problem::unreadable(format!("the body is no JSON: {e}"))),
    }
}

/// A whole body, within its bound.
pub(crate) async fn read(request: Request) -> Result<Bytes, Problem> {
    Bytes::from_request(request, &()).await.map_err(|rejection: BytesRejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "E1033", "the body is too large")
        }
        _ => Problem::unreadable("the body ended early"),
    })
}

/// Whether a body says that it is JSON. A page of a stranger can send a form or a plain text without being asked; JSON it
/// cannot.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The body is something else.
pub(crate) fn no_json() -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "E1032", "the body is not `application/json`")
        .help("send the header `content-type: application/json`")
}
