//! How a request is refused, in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`
//! (platform.openai.com/docs/guides/error-codes).

use crate::methods::NoKey;
use crate::routes::Problem;
use crate::rpc::Fault;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use carapace_effect::{Failure, FailureKind};
use carapace_engine::service::Gone;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::borrow::Cow;

/// What somebody sent that does not fit.
const INVALID: &str = "invalid_request_error";

/// What went wrong here, or behind it.
const SERVER: &str = "server_error";

/// Says to the official clients whether they should send the request again.
const SHOULD_RETRY: &str = "x-should-retry";

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Trouble(Box<Told>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    #[serde(with = "status")]
    status: StatusCode,
    kind: Cow<'static, str>,
    message: String,
    /// Ours, for `carapace explain`.
    explained: String,
    help: Option<String>,
    param: Option<String>,
    /// OpenAI's, where it has one for this.
    code: Option<Cow<'static, str>>,
    /// In how many seconds it may be sent again.
    retry: Option<u64>,
    /// Whether something may have happened, so that it should not be sent again unseen.
    acted: bool,
}

/// A status as its number.
mod status {
    use axum::http::StatusCode;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
    pub(super) fn serialize<S: Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u16(status.as_u16())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<StatusCode, D::Error> {
        StatusCode::from_u16(u16::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

impl Trouble {
    fn new(status: StatusCode, kind: &'static str, explained: &str, message: impl Into<String>) -> Trouble {
        Trouble(Box::new(Told {
            status,
            kind: kind.into(),
            message: message.into(),
            explained: explained.to_owned(),
            help: None,
            param: None,
            code: None,
            retry: None,
            acted: false,
        }))
    }

    /// A body, or a part of it, that does not fit.
    pub(super) fn unfit(param: &str, message: impl Into<String>) -> Trouble {
        let mut trouble = Trouble::new(StatusCode::BAD_REQUEST, INVALID, "E1091", message);
        trouble.0.param = Some(param.to_owned()).filter(|param| !param.is_empty());
        trouble
    }

    /// Something of OpenAI's API that agents do not do.
    pub(super) fn unsupported(param: &str, message: impl Into<String>) -> Trouble {
        let mut trouble = Trouble::new(StatusCode::BAD_REQUEST, INVALID, "E1092", message);
        trouble.0.param = Some(param.to_owned());
        trouble.0.code = Some("unsupported_parameter".into());
        trouble
    }

    /// A model that is not there.
    pub(super) fn no_model(name: &str, message: Option<String>) -> Trouble {
        let shown: String = name.chars().take(80).collect();
        let message = message.unwrap_or_else(|| format!("there is no model `{shown}`"));
        let mut trouble = Trouble::new(StatusCode::NOT_FOUND, INVALID, "E1090", message);
        trouble.0.param = Some("model".to_owned());
        trouble.0.code = Some("model_not_found".into());
        trouble.help("`GET /v1/models` lists those that are there")
    }

    /// A response that is not kept, or not for whoever asks. With `param`, a request refers to it.
    pub(super) fn no_response(id: &str, param: Option<&str>) -> Trouble {
        let shown: String = id.chars().take(80).collect();
        let message = format!("no response `{shown}` is kept");
        let status = if param.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::NOT_FOUND };
        let mut trouble = Trouble::new(status, INVALID, "E1142", message);
        trouble.0.param = param.map(str::to_owned);
        trouble.0.code = param.is_some().then_some("previous_response_not_found".into());
        trouble.help("one is kept for 30 days, for the token with which it was asked for, where `store` is not `false`")
    }

    /// The key of a request came with another one.
    pub(super) fn another_request() -> Trouble {
        let message = "this idempotency key came before, with another request";
        let trouble = Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, INVALID, "E1143", message);
        trouble.help("give each request a key of its own; send one again as it was")
    }

    /// Of a request that was sent before nobody knows what came of it. It is not done again.
    pub(super) fn not_known() -> Trouble {
        let message = "nobody knows whether the request with this idempotency key was done";
        let mut trouble = Trouble::new(StatusCode::CONFLICT, INVALID, "E1145", message);
        trouble.0.acted = true;
        trouble.help("`carapace runs list --finished` tells what ran; with another key it is done")
    }

    /// What has to be kept cannot be.
    pub(super) fn not_kept(error: &std::io::Error) -> Trouble {
        let message = format!("what is kept of responses cannot be read or written: {error}");
        let trouble = Trouble::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, "E1146", message);
        trouble.help("make room on the disk, or see to the rights of `responses/` in the data directory")
    }

    /// Whether it is about this moment: what is asked later may be answered.
    pub(super) fn is_for_now(&self) -> bool {
        matches!(
            self.0.status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        )
    }

    /// With the way out.
    pub(super) fn help(mut self, help: impl Into<String>) -> Trouble {
        self.0.help = Some(help.into());
        self
    }

    /// The agent had begun: a tool may have been called.
    #[must_use]
    pub(super) fn acted(mut self) -> Trouble {
        self.0.acted = true;
        self
    }

    /// What the gateway refused by itself, with this status.
    pub(super) fn refused(status: StatusCode, explained: &str, message: &str, help: Option<&str>) -> Trouble {
        let (kind, code) = match status {
            StatusCode::UNAUTHORIZED => (INVALID, Some("invalid_api_key")),
            StatusCode::FORBIDDEN => (INVALID, Some("insufficient_permissions")),
            StatusCode::TOO_MANY_REQUESTS => ("rate_limit_error", Some("rate_limit_exceeded")),
            status if status.is_server_error() => (SERVER, None),
            _ => (INVALID, None),
        };
        let mut trouble = Trouble::new(status, kind, explained, message);
        trouble.0.code = code.map(Cow::Borrowed);
        trouble.0.help = help.map(str::to_owned);
        trouble
    }

    /// The run was started, and ended so.
    pub(super) fn failed(failure: &Failure) -> Trouble {
        let (status, kind, explained, code) = match failure.kind {
            FailureKind::Budget => {
                (StatusCode::TOO_MANY_REQUESTS, "insufficient_quota", "E1095", Some("insufficient_quota"))
            }
            FailureKind::Limited => {
                (StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "E1094", Some("rate_limit_exceeded"))
            }
            FailureKind::Transient | FailureKind::Unavailable | FailureKind::NotPerformed => {
                (StatusCode::SERVICE_UNAVAILABLE, SERVER, "E1094", None)
            }
            FailureKind::Timeout => (StatusCode::GATEWAY_TIMEOUT, SERVER, "E1094", None),
            FailureKind::Refused | FailureKind::Invalid => (StatusCode::BAD_GATEWAY, SERVER, "E1093", None),
            FailureKind::Failed => (StatusCode::INTERNAL_SERVER_ERROR, SERVER, "E1093", None),
        };
        let mut trouble = Trouble::new(status, kind, explained, failure.message.clone());
        trouble.0.code = code.map(Cow::Borrowed);
        let wait = failure.retry_after.and_then(|ms| u64::try_from(ms).ok());
        let asks_again = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        trouble.0.retry = wait
            .map(|ms| ms.div_ceil(1_000).max(1))
            .or_else(|| asks_again.then_some(1))
            .filter(|_| asks_again);
        // Nobody gets another budget by asking again at once.
        trouble.0.acted = failure.kind == FailureKind::Budget;
        trouble
    }

    /// The run ended in a way that is nobody's answer.
    pub(super) fn ended(message: impl Into<String>) -> Trouble {
        Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, SERVER, "E1093", message)
    }

    /// The runtime takes nothing new in.
    pub(super) fn busy() -> Trouble {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut trouble =
            Trouble::refused(status, "E1037", "the runtime takes nothing new in just now", None);
        trouble.0.retry = Some(1);
        trouble
    }

    /// The same as a stream tells it.
    pub(super) fn json(&self) -> Json {
        json!({ "error": {
            "message": self.message(),
            "type": self.0.kind,
            "param": self.0.param,
            "code": self.0.code.as_deref().unwrap_or(&self.0.explained),
        } })
    }

    /// What is wrong, its code, and the way out.
    pub(super) fn message(&self) -> String {
        let Told { message, explained, help, .. } = &*self.0;
        let code = if explained.is_empty() { String::new() } else { format!(" ({explained})") };
        match help {
            Some(help) => format!("{message}{code}; {help}"),
            None => format!("{message}{code}"),
        }
    }

    /// Whether it is that somebody asked too much.
    pub(super) fn is_too_much(&self) -> bool {
        self.0.status == StatusCode::TOO_MANY_REQUESTS
    }

    /// The code that `carapace explain` knows.
    pub(super) fn explained(&self) -> &str {
        &self.0.explained
    }
}

impl From<NoKey> for Trouble {
    fn from(no: NoKey) -> Trouble {
        no.fault().into()
    }
}

impl From<Gone> for Trouble {
    fn from(gone: Gone) -> Trouble {
        Fault::from(gone).into()
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Problem::from(fault).into()
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Trouble {
        let (status, code, detail, help) = problem.told();
        let mut trouble = Trouble::refused(status, code, detail, help);
        trouble.0.retry = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1);
        trouble
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let body = self.json().to_string();
        let mut response =
            (self.0.status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.0.retry {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.0.acted {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_failure_has_its_status() {
        let seen: Vec<String> = FailureKind::ALL
            .iter()
            .map(|kind| {
                let failure = Failure { retry_after: Some(1_500), ..Failure::new(*kind, "why") };
                let trouble = Trouble::failed(&failure);
                let error = trouble.json()["error"].clone();
                let response = trouble.into_response();
                let header = |name: &str| {
                    response.headers().get(name).map_or("-", |value| value.to_str().unwrap()).to_owned()
                };
                format!(
                    "{} {} {} {} {} {}",
                    kind.name(),
                    response.status().as_u16(),
                    error["type"].as_str().unwrap(),
                    error["code"].as_str().unwrap(),
                    header("retry-after"),
                    header(SHOULD_RETRY),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                "failed 500 server_error E1093 - -",
                "refused 502 server_error E1093 - -",
                "transient 503 server_error E1094 2 -",
                "timeout 504 server_error E1094 - -",
                "limited 429 rate_limit_error rate_limit_exceeded 2 -",
                "budget 429 insufficient_quota insufficient_quota 2 false",
                "invalid 502 server_error E1093 - -",
                "unavailable 503 server_error E1094 2 -",
                "not_performed 503 server_error E1094 2 -",
            ]
        );
    }
}
