//! How somebody is turned away.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::time::Duration;

/// Why somebody is turned away, as they are told: `{"code": "E1022", "message": "…", "help": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    help: Option<String>,
    retry: Option<Duration>,
}

impl Refusal {
    /// With a status and a code that `carapace explain` knows.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into(), help: None, retry: None }
    }

    /// The same, with the way out.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Refusal {
        Refusal { help: Some(help.into()), ..self }
    }

    /// Whoever asks too often.
    pub fn too_many(wait: Duration) -> Refusal {
        let seconds = wait.as_secs().saturating_add(1);
        let message = format!("too many requests: the next one is answered in {seconds} s");
        let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "E1029", message);
        Refusal { retry: Some(Duration::from_secs(seconds)), ..refusal }
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its code.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "code": self.code, "message": self.message });
        if let (Some(help), Some(body)) = (self.help, body.as_object_mut()) {
            body.insert("help".to_owned(), help.into());
        }
        let kind = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
        let mut response = (self.status, kind, format!("{body}\n")).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"carapace\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = self.retry {
            response.headers_mut().insert(header::RETRY_AFTER, wait.as_secs().into());
        }
        response
    }
}
