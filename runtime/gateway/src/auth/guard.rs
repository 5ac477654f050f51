//! The layer before guarded routes.

use super::Caller;
use crate::door::Hosts;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Lets the person at this machine through, and no page of a stranger that their browser shows.
pub(crate) async fn guard(State(hosts): State<Hosts>, mut request: Request, next: Next) -> Response {
    if !is_ours(&hosts, request.headers()) {
        return (StatusCode::FORBIDDEN, "this page may not ask that\n").into_response();
    }
    request.extensions_mut().insert(Caller::local());
    next.run(request).await
}

/// Whether a request comes from no page at all, or from one of ours.
fn is_ours(hosts: &Hosts, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")));
    host.is_some_and(|host| hosts.know(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn pages_of_strangers_are_none_of_ours() {
        let hosts = Hosts::new(&[]);
        let from = |origin: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            is_ours(&hosts, &headers)
        };
        assert!(is_ours(&hosts, &HeaderMap::new()));
        assert!(from("http://localhost:7171") && from("http://127.0.0.1:7171"));
        for origin in ["null", "https://evil.example", "file://", "http://localhost.evil.example", ""] {
            assert!(!from(origin), "{origin}");
        }
    }
}
