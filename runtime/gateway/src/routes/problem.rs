//! How a request is refused: problem details (RFC 9457), with the code of a diagnostic and the way out.

use crate::rpc::Fault;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value as Json;

/// Why a request is refused, as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct Problem {
    /// What the status means, in the words of HTTP.
    title: String,
    /// The status.
    status: u16,
    /// What is wrong, in one line.
    detail: String,
    /// The code of it, for `carapace explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^E[0-9]{4}$")]
    code: Option<String>,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl Problem {
    /// One of this status.
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Problem {
        Problem {
            title: status.canonical_reason().unwrap_or("Refused").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: Some(code.to_owned()).filter(|code| !code.is_empty()),
            help: None,
        }
    }

    /// With the way out.
    #[must_use]
    pub(crate) fn help(self, help: impl Into<String>) -> Problem {
        Problem { help: Some(help.into()), ..self }
    }

    /// Its status, its code, what is wrong, and the way out.
    pub(crate) fn told(&self) -> (StatusCode, &str, &str, Option<&str>) {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.code.as_deref().unwrap_or_default(), &self.detail, self.help.as_deref())
    }

    /// What cannot be understood.
    pub(crate) fn unreadable(why: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "E1031", why)
    }

    /// Nobody is known to ask.
    pub(crate) fn unknown_caller() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "", "it is not known who asks")
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        let (status, code) = match fault.diagnostic() {
            Some(code) => (status_of(code), code),
            None => (StatusCode::BAD_REQUEST, "E1031"),
        };
        let problem = Problem::new(status, code, fault.message());
        match fault.help() {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}

/// What a refusal is in HTTP. It was understood; most often it does not go with how things are.
fn status_of(code: &str) -> StatusCode {
    match code {
        "E0910" | "E0961" | "E0972" => StatusCode::NOT_FOUND,
        "E0974" => StatusCode::FORBIDDEN,
        "E1144" => StatusCode::BAD_REQUEST,
        "E0921" | "E0922" | "E0923" | "E0924" | "E0926" | "E0943" | "E0949" | "E0967" | "E1143" => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        "E0931" | "E0944" | "E1030" => StatusCode::INTERNAL_SERVER_ERROR,
        "E0941" | "E1027" | "E1037" | "E1038" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::CONFLICT,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_value(&self).unwrap_or(Json::Null).to_string();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
