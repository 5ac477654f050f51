//! From an answer, or from none, to what the engine is told.

use crate::{Answer, Error, Method};
use carapace_effect::{Failure, FailureKind, Reported};
use serde_json::{Value as Json, json};

/// What stands in an answer where the secret stood that was sent: what comes back is written down.
const TAKEN_OUT: &str = "[secret]";

/// What is shorter is no secret, and would be found in words that have nothing to do with it.
const SHORTEST: usize = 8;

/// What came of it. `secret` is what was sent and shall not be written down.
pub(super) fn reported(method: &Method, came: Result<Answer, Error>, secret: Option<&str>) -> Reported {
    let reads = *method == Method::GET;
    let failed = |kind, message: String| Reported::Failed(Failure::new(kind, message));
    match came.and_then(|answer| response(&answer, secret)) {
        Ok(response) => Reported::Done(response),
        Err(e @ Error::Refused { .. }) => failed(FailureKind::Refused, e.to_string()),
        // A known failure: it did not happen, and may be tried again.
        Err(Error::Unreached { message }) => failed(FailureKind::Transient, message),
        Err(Error::Unanswered { message }) if reads => failed(FailureKind::Transient, message),
        Err(Error::Unanswered { message }) => Reported::Unknown(message),
        Err(e @ Error::Unacceptable { .. }) if reads => failed(FailureKind::Invalid, e.to_string()),
        // It was answered, so it happened; what was said is lost.
        Err(e @ Error::Unacceptable { status, .. }) => {
            let rest = json!({ "status": status, "headers": {}, "body": "" });
            Reported::Partly(rest, Failure::new(FailureKind::Invalid, e.to_string()))
        }
        Err(Error::Later { message, limited, after }) => {
            let kind = if limited { FailureKind::Limited } else { FailureKind::Transient };
            let retry_after = after.and_then(|after| i64::try_from(after.as_millis()).ok());
            Reported::Failed(Failure { kind, message, retry_after })
        }
    }
}

/// The answer as `Response` of the library.
fn response(answer: &Answer, secret: Option<&str>) -> Result<Json, Error> {
    let Answer { status, headers, body, place } = answer;
    let media_type = headers.get("content-type").map(String::as_str).unwrap_or_default();
    let body = text(body, media_type).ok_or_else(|| {
        let what: String = media_type.chars().take(60).flat_map(char::escape_debug).collect();
        Error::unacceptable(*status, format!("`{place}` answered with something that is no text (`{what}`)"))
    })?;
    let secret = secret.filter(|secret| secret.len() >= SHORTEST);
    let clean = |text: &str| secret.map_or_else(|| text.to_owned(), |secret| text.replace(secret, TAKEN_OUT));
    let headers: serde_json::Map<String, Json> =
        headers.iter().map(|(name, value)| (name.clone(), Json::from(clean(value)))).collect();
    Ok(json!({ "status": status, "headers": headers, "body": clean(&body) }))
}

/// Bytes as text: in UTF-8, or in the one other encoding that needs no table.
fn text(body: &[u8], media_type: &str) -> Option<String> {
    let lower = media_type.to_ascii_lowercase();
    let charset = lower.split("charset=").nth(1).map(|rest| rest.trim_matches(['"', ' ']));
    match charset {
        Some("iso-8859-1" | "latin1") => Some(body.iter().map(|byte| char::from(*byte)).collect()),
        _ => {
            let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
            std::str::from_utf8(body).ok().filter(|text| !text.contains('\0')).map(str::to_owned)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn answer(media_type: &str, body: &[u8]) -> Answer {
        let headers = [("content-type".to_owned(), media_type.to_owned())].into();
        Answer { status: 200, headers, body: body.to_vec(), place: "https://example.com".into() }
    }

    #[test]
    fn an_answer_is_text_and_holds_no_secret() {
        let said = |media_type: &str, body: &[u8]| match reported(
            &Method::GET,
            Ok(answer(media_type, body)),
            Some("s3cret-token"),
        ) {
            Reported::Done(json) => json["body"].as_str().unwrap().to_owned(),
            Reported::Failed(failure) => failure.kind.name().to_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(said("application/json", "{\"a\":\"ä\"}".as_bytes()), "{\"a\":\"ä\"}");
        assert_eq!(said("text/plain; charset=ISO-8859-1", b"\xe4"), "ä");
        assert_eq!(said("text/plain", b"\xef\xbb\xbfhi"), "hi");
        assert_eq!(said("", b"you sent s3cret-token"), "you sent [secret]");
        assert_eq!(said("image/png", b"\x89PNG\r\n\0"), "invalid");
        assert_eq!(said("text/plain", b"\xe4"), "invalid");
    }

    #[test]
    fn what_may_have_happened_is_never_called_a_failure() {
        let word = |method: &Method, error: Error| match reported(method, Err(error), None) {
            Reported::Failed(failure) => failure.kind.name(),
            Reported::Unknown(_) => "unknown",
            Reported::Partly(_, failure) if failure.kind == FailureKind::Invalid => "partly",
            other => panic!("{other:?}"),
        };
        let message = || "x".to_owned();
        for (error, read, written) in [
            (Error::refused("E1011", "x"), "refused", "refused"),
            (Error::Unreached { message: message() }, "transient", "transient"),
            (Error::unanswered("x"), "transient", "unknown"),
            (Error::unacceptable(200, "x"), "invalid", "partly"),
            (Error::Later { message: message(), limited: true, after: None }, "limited", "limited"),
            (Error::Later { message: message(), limited: false, after: None }, "transient", "transient"),
        ] {
            assert_eq!(word(&Method::GET, error.clone()), read);
            for method in [Method::POST, Method::PUT, Method::DELETE] {
                assert_eq!(word(&method, error.clone()), written);
            }
        }
        let later = Error::Later { message: message(), limited: true, after: Some(Duration::from_secs(2)) };
        let Reported::Failed(failure) = reported(&Method::POST, Err(later), None) else { panic!() };
        assert_eq!(failure.retry_after, Some(2000));
    }
}
