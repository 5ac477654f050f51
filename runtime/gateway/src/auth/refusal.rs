//! How somebody is turned away.

use crate::routes::Problem;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// Why somebody is turned away; they are told as problem details (RFC 9457).
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
        let problem = Problem::new(self.status, self.code, self.message);
        let mut response = match self.help {
            Some(help) => problem.help(help).into_response(),
            None => problem.into_response(),
        };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
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
