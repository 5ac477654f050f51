//! Requests that were answered, by whoever answered them: also those that were turned away before anybody saw them.

use super::metrics::Counters;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Counts requests that were answered. Cheap to clone; each clone is the same.
#[derive(Debug, Clone, Default)]
pub struct Requests(pub(super) Counters);

/// A channel answered, and this is where it is mounted.
#[derive(Debug, Clone)]
pub(crate) struct AtChannel(pub(crate) Arc<str>);

pub(crate) async fn counted(State(requests): State<Requests>, request: Request, next: Next) -> Response {
    // A path that somebody made up is none of the routes: those are few.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let verb = match *request.method() {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    let response = next.run(request).await;
    let channel = response.extensions().get::<AtChannel>().map(|AtChannel(path)| path.to_string());
    let route = channel.or(route).unwrap_or_else(|| "other".to_owned());
    let status = response.status().as_u16().to_string();
    tracing::debug!(%route, method = verb, %status, "a request was answered");
    let labels = vec![("route", route), ("method", verb.to_owned()), ("status", status)];
    requests.0.get_or_create(&labels).inc();
    response
}
