//! What the gateway itself refuses at these addresses, in OpenAI's shape.

use super::trouble::Trouble;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value as Json;

/// What is served in OpenAI's form, and everything below.
const PATHS: [&str; 4] = ["/v1/models", "/v1/chat/completions", "/v1/responses", "/v1/embeddings"];

/// Bytes of a refusal at most. Those of the gateway are short.
const LONGEST: usize = 64 * 1024;

/// Says problem details again as OpenAI's clients read them.
pub(crate) async fn shape(request: Request, next: Next) -> Response {
    let ours = is_ours(request.uri().path());
    let response = next.run(request).await;
    if !ours || !is_problem(response.headers()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LONGEST).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let problem: Json = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |name: &str| problem.get(name).and_then(Json::as_str);
    let (code, detail) = (text("code").unwrap_or_default(), text("detail").unwrap_or_default());
    let trouble = Trouble::refused(parts.status, code, detail, text("help"));
    let mut response = trouble.into_response();
    for (name, value) in parts.headers {
        // Those are about the body as it was.
        if let Some(name) =
            name.filter(|name| *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH)
        {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn is_ours(path: &str) -> bool {
    PATHS
        .iter()
        .any(|ours| path.strip_prefix(ours).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn is_problem(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_addresses_stay_as_they_are() {
        for path in ["/v1/models", "/v1/models/shop/desk", "/v1/chat/completions", "/v1/embeddings"] {
            assert!(is_ours(path), "{path}");
        }
        for path in ["/v1/runs", "/v1/modelsx", "/v1/chat", "/models", "/v1/", ""] {
            assert!(!is_ours(path), "{path}");
        }
    }
}
