//! From an answer, or from none, to what the engine is told.

use super::Limits;
use super::environment::Values;
use super::link::innermost;
use super::plain::{clean, is_deeper, line};
use carapace_effect::{Failure, FailureKind, Reported};
use reqwest_of_genai::Error as HttpError;
use rmcp::ServiceError;
use rmcp::model::{CallToolResult, ContentBlock, ErrorCode, ErrorData, ServerResult};
use rmcp::transport::DynamicTransportError;
use rmcp::transport::streamable_http_client::StreamableHttpError;
use serde_json::Value as Json;
use std::sync::Arc;

/// Letters of what a server says is wrong at most.
const WORDS: usize = 1000;

/// A call that was sent, or nearly.
pub(super) struct Sent {
    pub(super) server: Arc<str>,
    pub(super) tool: String,
    /// Whether calling it twice is as calling it once.
    pub(super) repeatable: bool,
    pub(super) values: Arc<Values>,
    pub(super) limits: Limits,
}

/// A known failure.
pub(super) fn failed(kind: FailureKind, message: impl Into<String>) -> Reported {
    Reported::Failed(Failure::new(kind, message))
}

impl Sent {
    fn named(&self, why: &str) -> String {
        format!("`{}` of the server `{}`: {}", self.tool, self.server, line(&self.values.clean(why), WORDS))
    }

    /// It certainly did not arrive.
    pub(super) fn not_sent(&self, why: &str) -> Reported {
        failed(FailureKind::Transient, self.named(why))
    }

    /// It may have arrived, and what came of it is lost.
    pub(super) fn lost(&self, why: &str) -> Reported {
        if self.repeatable {
            return failed(FailureKind::Transient, self.named(why));
        }
        Reported::Unknown(self.named(why))
    }

    /// Nobody waits for it any more, and the server was told.
    pub(super) fn left(&self) -> Reported {
        let why = "nobody waited for it any more, and the server was told so";
        if self.repeatable {
            return Reported::NotPerformed(self.named(why));
        }
        Reported::Unknown(self.named(why))
    }

    /// It was done, and what came of it cannot be taken.
    fn unfit(&self, why: &str) -> Reported {
        let failure = Failure::new(FailureKind::Invalid, self.named(why));
        if self.repeatable { Reported::Failed(failure) } else { Reported::Partly(Json::Null, failure) }
    }
}

/// What came of it.
pub(super) fn reported(answered: Result<ServerResult, ServiceError>, sent: &Sent) -> Reported {
    let asks = "the server wants to ask something back, which is not done here";
    match answered {
        Ok(ServerResult::CallToolResult(result)) => result_of(result, sent),
        Ok(ServerResult::EmptyResult(_)) => Reported::Done(Json::Null),
        Ok(ServerResult::InputRequiredResult(_)) => failed(FailureKind::Refused, sent.named(asks)),
        Ok(_) => sent.unfit("the server answered with something that is no result of a tool"),
        Err(ServiceError::McpError(error)) => refused(&error, sent),
        Err(ServiceError::TransportSend(error)) => unsent(&error, sent),
        Err(ServiceError::UnexpectedResponse) => sent.unfit("the server's answer is not understood"),
        Err(ServiceError::Timeout { .. }) => {
            sent.lost("the server did not answer in time, and was told to leave it")
        }
        Err(ServiceError::Cancelled { .. }) => sent.left(),
        Err(_) => sent.lost("the connection ended before the server answered"),
    }
}

fn result_of(result: CallToolResult, sent: &Sent) -> Reported {
    if result.is_error == Some(true) {
        let said = texts(&result.content);
        let said = if said.trim().is_empty() { "it failed, and does not say why" } else { &said };
        return failed(FailureKind::Failed, sent.named(said));
    }
    let value = match result.structured_content {
        Some(value) => value,
        None => unstructured(result.content),
    };
    if is_deeper(&value, sent.limits.depth) {
        return sent.unfit("its result is nested too deeply");
    }
    let value = clean(value, &sent.values);
    if value.to_string().len() > sent.limits.value {
        return sent.unfit("its result is too large");
    }
    Reported::Done(value)
}

/// What a result without structure says: its text, where there is nothing else; else its parts as they are.
fn unstructured(content: Vec<ContentBlock>) -> Json {
    if content.is_empty() {
        return Json::Null;
    }
    if content.iter().all(|block| matches!(block, ContentBlock::Text(_))) {
        return Json::String(texts(&content));
    }
    let part = |block: &ContentBlock| {
        let mut part = serde_json::to_value(block).unwrap_or_default();
        if let Json::Object(part) = &mut part {
            part.remove("_meta");
            part.remove("annotations");
        }
        part
    };
    content.iter().map(part).collect()
}

fn texts(content: &[ContentBlock]) -> String {
    let text = |block: &ContentBlock| match block {
        ContentBlock::Text(text) => Some(text.text.clone()),
        _ => None,
    };
    content.iter().filter_map(text).collect::<Vec<_>>().join("\n")
}

/// The server said that it did not do it.
fn refused(error: &ErrorData, sent: &Sent) -> Reported {
    let kind = match error.code {
        ErrorCode::INVALID_PARAMS => FailureKind::Invalid,
        _ => FailureKind::Refused,
    };
    failed(kind, sent.named(&error.message))
}

/// It could not be sent, or nobody knows whether it was.
fn unsent(error: &DynamicTransportError, sent: &Sent) -> Reported {
    let Some(error) = error.error.downcast_ref::<StreamableHttpError<HttpError>>() else {
        // A pipe: a message without its end is read by nobody.
        return sent.not_sent(&innermost(&*error.error));
    };
    match error {
        StreamableHttpError::Client(error) if error.is_connect() => sent.not_sent(&innermost(error)),
        StreamableHttpError::Client(error) => match error.status() {
            Some(status) if status.is_client_error() => {
                failed(FailureKind::Refused, sent.named(&format!("the server answered {status}")))
            }
            _ => sent.lost(&innermost(error)),
        },
        StreamableHttpError::HttpStatus(status) if matches!(status.status, 429 | 503) => {
            let kind = if status.status == 429 { FailureKind::Limited } else { FailureKind::Transient };
            let after = status.retry_after.as_deref().and_then(|after| after.trim().parse::<i64>().ok());
            Reported::Failed(Failure {
                kind,
                message: sent.named("the server has too much to do"),
                retry_after: after.map(|after| after.saturating_mul(1000)),
            })
        }
        StreamableHttpError::AuthRequired(_) | StreamableHttpError::InsufficientScope(_) => {
            failed(FailureKind::Refused, sent.named("the server wants another token than it was given"))
        }
        StreamableHttpError::SessionExpired | StreamableHttpError::TransportChannelClosed => {
            sent.not_sent("the connection had ended")
        }
        other => sent.lost(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(repeatable: bool) -> Sent {
        let limits = Limits { value: 60, depth: 3, ..Limits::default() };
        Sent { server: "files".into(), tool: "read".into(), repeatable, values: Arc::default(), limits }
    }

    fn word(reported: &Reported) -> &'static str {
        match reported {
            Reported::Done(_) => "done",
            Reported::Failed(failure) => failure.kind.name(),
            Reported::Unknown(_) => "unknown",
            Reported::NotPerformed(_) => "not performed",
            Reported::Partly(_, failure) if failure.kind == FailureKind::Invalid => "partly",
            other => panic!("{other:?}"),
        }
    }

    fn result(json: Json) -> Result<ServerResult, ServiceError> {
        Ok(ServerResult::CallToolResult(serde_json::from_value(json).unwrap()))
    }

    #[test]
    fn a_result_is_its_structure_else_its_text_else_its_parts() {
        let text = |text: &str| json!({ "type": "text", "text": text, "annotations": { "priority": 1.0 } });
        let picture = json!({ "type": "image", "data": "aGk=", "mimeType": "a/b" });
        for (answer, expected) in [
            (json!({ "content": [text("x")], "structuredContent": { "a": 1 } }), json!({ "a": 1 })),
            (json!({ "content": [], "structuredContent": null }), json!(null)),
            (json!({ "content": [text("a"), text("b")] }), json!("a\nb")),
            (json!({ "content": [] }), json!(null)),
            (json!({ "content": [picture] }), json!([picture])),
        ] {
            assert_eq!(reported(result(answer), &sent(false)), Reported::Done(expected));
        }
        let both = json!({ "content": [text("a"), picture] });
        let parts = json!([{ "type": "text", "text": "a" }, picture]);
        let wide = Sent { limits: Limits::default(), ..sent(false) };
        assert_eq!(reported(result(both), &wide), Reported::Done(parts));
    }

    #[test]
    fn what_may_have_happened_is_never_called_a_failure() {
        let large = || result(json!({ "content": [], "structuredContent": "x".repeat(99) }));
        let deep = || result(json!({ "content": [], "structuredContent": [[[[1]]]] }));
        let error = |code: i32| Err(ServiceError::McpError(ErrorData::new(ErrorCode(code), "no", None)));
        let pipe = || {
            let broken: std::io::Error = std::io::ErrorKind::BrokenPipe.into();
            let error =
                DynamicTransportError::from_parts("pipe", std::any::TypeId::of::<()>(), Box::new(broken));
            Err(ServiceError::TransportSend(error))
        };
        let wrong = json!({ "content": [{ "type": "text", "text": "no such file" }], "isError": true });
        for (answer, once, again) in [
            (result(wrong), "failed", "failed"),
            (error(-32602), "invalid", "invalid"),
            (error(-32601), "refused", "refused"),
            (error(-32603), "refused", "refused"),
            (large(), "partly", "invalid"),
            (deep(), "partly", "invalid"),
            (Err(ServiceError::TransportClosed), "unknown", "transient"),
            (Err(ServiceError::Timeout { timeout: std::time::Duration::ZERO }), "unknown", "transient"),
            (Err(ServiceError::UnexpectedResponse), "partly", "invalid"),
            (pipe(), "transient", "transient"),
        ] {
            let shown = format!("{answer:?}");
            let same = match &answer {
                Ok(answer) => Ok(answer.clone()),
                Err(ServiceError::McpError(error)) => Err(ServiceError::McpError(error.clone())),
                Err(ServiceError::TransportClosed) => Err(ServiceError::TransportClosed),
                Err(ServiceError::Timeout { timeout }) => Err(ServiceError::Timeout { timeout: *timeout }),
                Err(ServiceError::UnexpectedResponse) => Err(ServiceError::UnexpectedResponse),
                Err(_) => pipe(),
            };
            assert_eq!(word(&reported(answer, &sent(false))), once, "{shown}");
            assert_eq!(word(&reported(same, &sent(true))), again, "{shown}");
        }
    }
}
