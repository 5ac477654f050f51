//! A request's body as JSON.

use super::problem::Problem;
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::error::Category;
use serde_json::{Map, Value as Json};

/// In what form a body came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON.
    Json,
    /// What a page's form sends: an object of texts.
    Urlencoded,
    /// There is none: `null`.
    Nothing,
}

/// The body as JSON, and the form it came in.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<(Json, Form), Problem> {
    if body.is_empty() {
        return Ok((Json::Null, Form::Nothing));
    }
    match form(headers) {
        Some(Form::Urlencoded) => Ok((Json::Object(fields(body)), Form::Urlencoded)),
        Some(_) => json(body).map(|json| (json, Form::Json)),
        None => Err(unknown(headers)),
    }
}

fn form(headers: &HeaderMap) -> Option<Form> {
    let said = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/json" => Some(Form::Json),
        "application/x-www-form-urlencoded" => Some(Form::Urlencoded),
        // RFC 6839, section 3.1: GitHub and others have types of their own.
        _ if kind.starts_with("application/") && kind.ends_with("+json") => Some(Form::Json),
        _ => None,
    }
}

fn json(body: &[u8]) -> Result<Json, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let what = match error.classify() {
            Category::Eof => "it ends in the middle",
            _ => "what stands there is none",
        };
        let at = format!("line {}, column {}", error.line(), error.column());
        Problem::new(StatusCode::BAD_REQUEST, format!("the body is no JSON at {at}: {what}"))
            .with("at", at.into())
    })
}

/// Of several fields with one name, the last.
fn fields(body: &[u8]) -> Map<String, Json> {
    form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect()
}

fn unknown(headers: &HeaderMap) -> Problem {
    let said = headers.get(header::CONTENT_TYPE).map(|said| String::from_utf8_lossy(said.as_bytes()));
    let detail = match said {
        Some(said) => format!("a body of `{said}` is not taken: send `application/json`"),
        None => "the request does not say what its body is: send `content-type: application/json`".to_owned(),
    };
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail).header(
        // RFC 9110, section 12.5.1: what would be taken.
        header::ACCEPT,
        axum::http::HeaderValue::from_static("application/json, application/x-www-form-urlencoded"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;
    use serde_json::json;

    fn read_as(kind: Option<&str>, body: &str) -> Result<Json, u16> {
        let mut headers = HeaderMap::new();
        if let Some(kind) = kind {
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        }
        let read = read(&headers, body.as_bytes()).map(|(json, _)| json);
        read.map_err(|problem| problem.into_response().status().as_u16())
    }

    #[test]
    fn forms_and_json_are_read() {
        for (kind, body, expected) in [
            (Some("application/json"), "{\"a\": [1]}", Ok(json!({ "a": [1] }))),
            (Some("Application/JSON; charset=utf-8"), "1", Ok(json!(1))),
            (Some("application/vnd.github.v3+json"), "\"x\"", Ok(json!("x"))),
            (Some("application/x-www-form-urlencoded"), "a=1&b=%7B+x", Ok(json!({ "a": "1", "b": "{ x" }))),
            (None, "", Ok(Json::Null)),
            (Some("text/plain"), "", Ok(Json::Null)),
            (Some("application/json"), "{", Err(400)),
            (Some("application/json"), "{} x", Err(400)),
            (Some("text/plain"), "{}", Err(415)),
            (Some("text/x+json"), "{}", Err(415)),
            (None, "{}", Err(415)),
        ] {
            assert_eq!(read_as(kind, body), expected, "{kind:?} {body}");
        }
        // Nested deeper than a reader goes is an answer, too, and no overflow.
        assert_eq!(read_as(Some("application/json"), &"[".repeat(1_000_000)), Err(400));
    }
}
