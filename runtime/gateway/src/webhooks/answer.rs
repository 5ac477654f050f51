//! What a sender is told when a request was taken.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use carapace_effect::RunId;
use carapace_engine::record::Responded;
use serde_json::{Value as Json, json};

/// A flow's answer: a text as it stands, everything else as JSON. The engine took none that no server could give; what is in an
/// older journal and cannot be sent is passed over.
pub(super) fn of_flow(responded: &Responded) -> Response {
    let status = u16::try_from(responded.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let (kind, body) = match &responded.body {
        Json::String(text) => ("text/plain; charset=utf-8", text.clone()),
        other => ("application/json", other.to_string()),
    };
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let said = responded.headers.as_object().into_iter().flatten();
    let said: HeaderMap = said
        .filter_map(|(name, value)| {
            let name: HeaderName = name.parse().ok()?;
            Some((name, HeaderValue::from_str(value.as_str()?).ok()?))
        })
        .collect();
    headers.extend(said);
    response
}

/// Taken, and nothing has answered: the runs that it started.
pub(super) fn taken(runs: &[RunId]) -> Response {
    let body = match runs {
        [] => json!({ "run": null }),
        [only] => json!({ "run": only }),
        [first, ..] => json!({ "run": first, "runs": runs }),
    };
    (StatusCode::ACCEPTED, axum::Json(body)).into_response()
}
