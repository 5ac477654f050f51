//! From what goes wrong with a provider to what a flow is told.

use crate::Error;
use carapace_effect::FailureKind;
use genai::webc;
use reqwest_of_genai::StatusCode;
use reqwest_of_genai::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value as Json;
use std::time::Duration;

/// A provider's own words are shown up to here.
const WORDS: usize = 240;

/// What this error says. `model` is `provider/model`.
pub(super) fn fault(model: &str, error: &genai::Error) -> Error {
    use genai::Error as E;
    match error {
        E::HttpError { status, body, headers, .. } => answered(model, *status, body, headers),
        E::WebModelCall { webc_error, .. } | E::WebAdapterCall { webc_error, .. } => web(model, webc_error),
        E::WebStream { error, .. } => boxed(model, error.as_ref()),
        // Some providers say in the middle of a stream that they fail.
        E::ChatResponse { body, .. } => in_stream(model, body),
        E::StreamParse { serde_error, .. } => Error::transient(format!(
            "`{model}` sent what cannot be read: {}",
            short(&serde_error.to_string())
        )),
        E::RequiresApiKey { .. } | E::NoAuthData { .. } | E::NoAuthResolver { .. } | E::Resolver { .. } => {
            Error::unavailable(format!("`{model}` wants a key: name one in `models.providers`"))
        }
        E::JsonValueExt(_)
        | E::SerdeJson(_)
        | E::InvalidJsonResponseElement { .. }
        | E::NoChatResponse { .. } => Error::transient(format!("`{model}` sent what cannot be read")),
        E::AdapterNotSupported { feature, .. } => {
            Error::new(FailureKind::Refused, format!("`{model}` cannot be asked for {}", short(feature)))
        }
        _ => Error::new(FailureKind::Refused, format!("`{model}` cannot be asked that")),
    }
}

fn boxed(model: &str, error: &(dyn std::error::Error + Send + Sync + 'static)) -> Error {
    if let Some(inner) = error.downcast_ref::<genai::Error>() {
        return fault(model, inner);
    }
    if let Some(inner) = error.downcast_ref::<webc::Error>() {
        return web(model, inner);
    }
    match error.downcast_ref::<reqwest_of_genai::Error>() {
        Some(inner) => network(model, inner),
        None => Error::transient(format!("the answer of `{model}` was cut off")),
    }
}

fn web(model: &str, error: &webc::Error) -> Error {
    match error {
        webc::Error::ResponseFailedStatus { status, body, headers } => {
            answered(model, *status, body, headers)
        }
        webc::Error::Reqwest(error) => network(model, error),
        _ => Error::transient(format!("`{model}` sent what cannot be read")),
    }
}

fn network(model: &str, error: &reqwest_of_genai::Error) -> Error {
    let what = if error.is_connect() {
        "cannot be reached"
    } else if error.is_timeout() {
        "took too long"
    } else if error.is_body() || error.is_decode() {
        "was cut off in the middle of its answer"
    } else {
        "did not answer"
    };
    Error::transient(format!("`{model}` {what}"))
}

/// It answered that it would not.
fn answered(model: &str, status: StatusCode, body: &str, headers: &HeaderMap) -> Error {
    let json: Json = serde_json::from_str(body).unwrap_or_default();
    let words = words(&json).unwrap_or_default();
    let code = status.as_u16();
    let said = if words.is_empty() { String::new() } else { format!(": {words}") };
    let spent = ["insufficient_quota", "billing", "credit balance"].iter().any(|word| body.contains(word));
    let (kind, message) = match code {
        401 | 403 => (
            FailureKind::Unavailable,
            format!(
                "`{model}` does not accept the key ({code}){said}; `carapace secret set` puts another one in"
            ),
        ),
        402 => (FailureKind::Unavailable, format!("the account of `{model}` has no credit (402){said}")),
        404 => (FailureKind::Unavailable, format!("there is no `{model}` at its provider (404){said}")),
        429 if spent => {
            (FailureKind::Unavailable, format!("the account of `{model}` has no credit (429){said}"))
        }
        429 => (FailureKind::Limited, format!("`{model}` is asked too often (429){said}")),
        408 | 409 | 425 | 500.. => (FailureKind::Transient, format!("`{model}` failed ({code}){said}")),
        300..=399 => (
            FailureKind::Unavailable,
            format!(
                "`{model}` sends on to another address ({code}), which is not followed: write that one into `url`"
            ),
        ),
        _ => (FailureKind::Refused, format!("`{model}` refused the request ({code}){said}")),
    };
    let retry_after = match kind {
        FailureKind::Limited | FailureKind::Transient => after(headers).or_else(|| delay(&json)),
        _ => None,
    };
    Error { kind, message, retry_after }
}

/// It failed in the middle of an answer, and said so.
fn in_stream(model: &str, body: &Json) -> Error {
    let text = body.to_string();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let said = words(body).map(|words| format!(": {words}")).unwrap_or_default();
    let (kind, what) = if has(&["insufficient_quota", "authentication", "permission"]) {
        (FailureKind::Unavailable, "cannot be had")
    } else if has(&["rate_limit", "RESOURCE_EXHAUSTED"]) {
        (FailureKind::Limited, "is asked too often")
    } else if has(&["invalid_request", "INVALID_ARGUMENT"]) {
        (FailureKind::Refused, "refused the request")
    } else {
        (FailureKind::Transient, "failed in the middle of its answer")
    };
    Error { retry_after: delay(body), ..Error::new(kind, format!("`{model}` {what}{said}")) }
}

/// What a provider says in words: `error.message`, or `message`, or `error`.
fn words(json: &Json) -> Option<String> {
    // Gemini may answer with a list of one.
    let json = json.get(0).unwrap_or(json);
    let error = json.get("error").unwrap_or(json);
    let text = error.get("message").or_else(|| json.get("message")).unwrap_or(error);
    text.as_str().map(short).filter(|text| !text.is_empty())
}

/// One line of bounded length.
fn short(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    let line = line.trim_end_matches('.');
    if line.chars().count() <= WORDS {
        return line.to_owned();
    }
    format!("{}…", line.chars().take(WORDS).collect::<String>())
}

/// `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110, section 10.2.3).
fn after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| *number >= 0.0);
    if let Some(after) = text("retry-after-ms").and_then(number) {
        return Duration::try_from_secs_f64(after / 1000.0).ok();
    }
    let after = text(RETRY_AFTER.as_str())?;
    if let Some(seconds) = number(after) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let instant = |text: &str| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp());
    // The other side's clock says what it means by its date.
    let now = text(DATE.as_str()).and_then(instant).unwrap_or_else(jiff::Timestamp::now);
    let wait = instant(after)?.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or_default())
}

/// Google says it in the body: `{"@type": "…RetryInfo", "retryDelay": "17s"}`.
fn delay(json: &Json) -> Option<Duration> {
    let json = json.get(0).unwrap_or(json);
    let details = json.get("error").unwrap_or(json).get("details")?.as_array()?;
    let text = details.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
    Duration::try_from_secs_f64(text.strip_suffix('s')?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest_of_genai::header::{HeaderName, HeaderValue};
    use serde_json::json;

    fn told(status: u16, body: &str, headers: &[(&'static str, &'static str)]) -> Error {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        answered("work/m", StatusCode::from_u16(status).unwrap(), body, &map)
    }

    #[test]
    fn each_status_is_a_kind_of_failure() {
        for (status, body, kind) in [
            (400, r#"{"error":{"message":"bad"}}"#, FailureKind::Refused),
            (401, "", FailureKind::Unavailable),
            (403, "", FailureKind::Unavailable),
            (402, "", FailureKind::Unavailable),
            (404, "", FailureKind::Unavailable),
            (307, "", FailureKind::Unavailable),
            (408, "", FailureKind::Transient),
            (413, "", FailureKind::Refused),
            (422, "", FailureKind::Refused),
            (429, "", FailureKind::Limited),
            (429, r#"{"error":{"code":"insufficient_quota"}}"#, FailureKind::Unavailable),
            (500, "<html>", FailureKind::Transient),
            (503, "", FailureKind::Transient),
            (
                529,
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                FailureKind::Transient,
            ),
        ] {
            let told = told(status, body, &[]);
            assert_eq!(told.kind, kind, "{status} {body}");
            assert!(told.message.contains("`work/m`") && !told.message.ends_with('.'), "{}", told.message);
        }
        assert_eq!(
            told(400, r#"{"error":{"message":"Too  long.\n"}}"#, &[]).message,
            "`work/m` refused the request (400): Too long"
        );
        assert_eq!(told(500, r#"[{"error":{"message":"x"}}]"#, &[]).message, "`work/m` failed (500): x");
    }

    #[test]
    fn when_to_come_again_is_read_in_each_of_its_forms() {
        let after = |headers: &[(&'static str, &'static str)]| told(429, "", headers).retry_after;
        assert_eq!(after(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(
            after(&[("retry-after", "7"), ("retry-after-ms", "250")]),
            Some(Duration::from_millis(250))
        );
        let date =
            [("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"), ("date", "Wed, 21 Oct 2026 07:28:00 GMT")];
        assert_eq!(after(&date), Some(Duration::from_secs(30)));
        assert_eq!(after(&[("retry-after", "soon")]), None);
        let body = json!({ "error": { "details": [{}, { "retryDelay": "17s" }] } }).to_string();
        assert_eq!(told(429, &body, &[]).retry_after, Some(Duration::from_secs(17)));
        assert_eq!(told(400, &body, &[("retry-after", "7")]).retry_after, None);
    }

    #[test]
    fn a_failure_in_the_middle_is_told_by_what_it_says() {
        for (body, kind) in [
            (
                json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } }),
                FailureKind::Transient,
            ),
            (json!({ "error": { "type": "rate_limit_error" } }), FailureKind::Limited),
            (json!({ "type": "invalid_request_error", "message": "x" }), FailureKind::Refused),
            (json!("what"), FailureKind::Transient),
        ] {
            assert_eq!(in_stream("a/b", &body).kind, kind, "{body}");
        }
    }

    #[test]
    fn a_long_story_is_cut() {
        let long = json!({ "error": { "message": "word ".repeat(200) } }).to_string();
        assert!(told(400, &long, &[]).message.chars().count() < WORDS + 60);
    }
}
