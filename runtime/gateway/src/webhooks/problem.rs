//! What a sender is told when a request is not taken: problem details (RFC 9457).

use crate::door::Unproven;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};
use std::time::Duration;

/// Why a request is not taken.
#[derive(Debug)]
pub(super) struct Problem(Box<Told>);

#[derive(Debug)]
struct Told {
    status: StatusCode,
    detail: String,
    /// Members beside the standard's own.
    more: Map<String, Json>,
    header: Option<(HeaderName, HeaderValue)>,
    /// Where it is because somebody did not prove who they are.
    unproven: Option<Unproven>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem(Box::new(Told {
            status,
            detail: detail.into(),
            more: Map::new(),
            header: None,
            unproven: None,
        }))
    }

    /// With the code that `carapace explain` knows.
    pub(super) fn code(self, code: &str) -> Problem {
        self.with("code", json!(code))
    }

    /// With something more to know.
    pub(super) fn with(mut self, name: &str, value: Json) -> Problem {
        self.0.more.insert(name.to_owned(), value);
        self
    }

    /// With a header.
    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.0.header = Some((name, value));
        self
    }

    /// Somebody did not prove who they are, which is written down.
    pub(super) fn unproven(mut self, hook: String, code: &'static str) -> Problem {
        self.0.unproven = Some(Unproven { hook, code });
        self.code(code)
    }

    /// Not now, and not before so long.
    pub(super) fn busy(after: Duration, detail: &str) -> Problem {
        let seconds = after.as_millis().div_ceil(1_000).max(1);
        let seconds = HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX));
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).header(RETRY_AFTER, seconds)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Told { status, detail, more, header, unproven } = *self.0;
        let mut document = Map::new();
        // "about:blank" says that the title is the status' own (RFC 9457, section 4.2.1).
        document.insert("type".to_owned(), json!("about:blank"));
        document.insert("title".to_owned(), json!(status.canonical_reason()));
        document.insert("status".to_owned(), json!(status.as_u16()));
        document.insert("detail".to_owned(), json!(detail));
        document.extend(more);
        let kind = HeaderValue::from_static("application/problem+json");
        let body = Json::Object(document).to_string();
        let mut response = (status, [(CONTENT_TYPE, kind)], body).into_response();
        response.headers_mut().extend(header);
        if let Some(unproven) = unproven {
            response.extensions_mut().insert(unproven);
        }
        response
    }
}
