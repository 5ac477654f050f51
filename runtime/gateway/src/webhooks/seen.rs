//! What a flow sees of a request's head.

use super::signature::Check;
use axum::http::HeaderMap;
use serde_json::{Map, Value as Json};

/// Headers that prove who somebody is by being known. An event is written into the journal, and no secret belongs there.
const PROOFS: [&str; 5] = ["authorization", "cookie", "proxy-authorization", "x-api-key", "x-gitlab-token"];

/// Headers as texts, names in lower case; several of one name as one, in order (RFC 9110, section 5.3).
pub(super) fn headers(headers: &HeaderMap, checks: &[&Check]) -> Map<String, Json> {
    let mut seen = Map::new();
    for name in headers.keys() {
        let proof = checks.iter().any(|check| check.shows_its_key_in(name.as_str()));
        if proof || PROOFS.contains(&name.as_str()) {
            continue;
        }
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        seen.insert(name.as_str().to_owned(), values.collect::<Vec<_>>().join(", ").into());
    }
    seen
}

/// What stands behind `?`; of several with one name, the last.
pub(super) fn query(query: &str) -> Map<String, Json> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_proof_is_seen() {
        let mut said = HeaderMap::new();
        for (name, value) in [
            ("Authorization", "Bearer secret"),
            ("X-Proof", "secret"),
            ("X-GitLab-Token", "secret"),
            ("Cookie", "a=secret"),
            ("X-Event", "push"),
            ("X-Many", "a"),
            ("X-Many", "b"),
        ] {
            said.append(axum::http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
        said.insert("x-odd", axum::http::HeaderValue::from_bytes(b"\xff").unwrap());
        let check = Check::Token { header: "X-Proof".into() };
        let seen = Json::Object(headers(&said, &[&check]));
        assert_eq!(seen, json!({ "x-event": "push", "x-many": "a, b", "x-odd": "\u{fffd}" }));
    }

    #[test]
    fn a_query_is_read_as_forms_are() {
        let seen = |text| Json::Object(query(text));
        assert_eq!(seen("a=1&b=x+y%21&c&a=2"), json!({ "a": "2", "b": "x y!", "c": "" }));
        assert_eq!(seen(""), json!({}));
        assert_eq!(seen("%ff=%&&="), json!({ "\u{fffd}": "%", "": "" }));
    }
}
