//! Headers of a request: what a flow may say, and what goes to another server.

use crate::Error;
use crate::error::code;
use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};

/// How many a flow may set.
const MOST: usize = 64;
/// Bytes of all of them, names and values.
const LONGEST: usize = 16 * 1024;

/// Those that say how a message is sent rather than what it is (RFC 9110, section 7.6.1), that say where it goes, or that
/// this client decides by itself.
const OURS: [&str; 14] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "accept-encoding",
    "user-agent",
    "http2-settings",
    "via",
    "forwarded",
];

/// Beginnings of names that are not the flow's.
const OUR_STARTS: [&str; 3] = ["proxy-", "sec-", "x-forwarded-"];

/// What a request keeps on its way to another server: nothing that says who asks.
const HARMLESS: [HeaderName; 4] = [ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, KEY];

/// The header under which a receiver recognises repetitions.
pub(crate) const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What a flow says, checked.
pub(crate) fn checked(said: &[(String, String)], token: bool) -> Result<HeaderMap, Error> {
    let wrong = |message: String| Error::refused(code::HEADER, message);
    let length: usize = said.iter().map(|(name, value)| name.len() + value.len()).sum();
    if said.len() > MOST || length > LONGEST {
        return Err(wrong(format!(
            "more than {MOST} headers, or more than {LONGEST} bytes of them, are not sent"
        )));
    }
    let mut headers = HeaderMap::new();
    for (written, value) in said {
        let shown: String = written.chars().take(60).flat_map(char::escape_debug).collect();
        let name = HeaderName::from_bytes(written.as_bytes())
            .map_err(|_| wrong(format!("`{shown}` is no name of a header")))?;
        let ours =
            OURS.contains(&name.as_str()) || OUR_STARTS.iter().any(|start| name.as_str().starts_with(start));
        if ours {
            return Err(wrong(format!("the header `{shown}` is not the flow's to set")));
        }
        if token && name == AUTHORIZATION {
            return Err(wrong(
                "there is a `token` and a header `authorization`: leave one of them out".to_owned(),
            ));
        }
        let plain = value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte));
        let value = HeaderValue::from_str(value).ok().filter(|_| plain);
        let value = value.ok_or_else(|| {
            wrong(format!("the value of the header `{shown}` holds a line end, or a letter beyond ASCII"))
        })?;
        if headers.insert(name, value).is_some() {
            return Err(wrong(format!("the header `{shown}` stands there twice")));
        }
    }
    Ok(headers)
}

/// What is left of them for another server than the one they were meant for.
pub(crate) fn across(headers: &HeaderMap) -> HeaderMap {
    HARMLESS.iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(name: &str, value: &str) -> Result<HeaderMap, Error> {
        checked(&[(name.to_owned(), value.to_owned())], false)
    }

    #[test]
    fn a_flow_sets_headers_of_its_own_and_no_others() {
        let headers = one("X-Shop", "a\tb").unwrap();
        assert_eq!(headers["x-shop"], "a\tb");
        for (name, value) in [
            ("Host", "evil.example"),
            ("content-length", "5"),
            ("Transfer-Encoding", "chunked"),
            ("Connection", "close"),
            ("TE", "trailers"),
            ("Upgrade", "h2c"),
            ("HTTP2-Settings", "x"),
            ("Proxy-Authorization", "x"),
            ("Expect", "100-continue"),
            ("accept-encoding", "br"),
            ("X-Forwarded-For", "127.0.0.1"),
            ("Sec-Fetch-Site", "none"),
            ("", "x"),
            ("a b", "x"),
            ("a:b", "x"),
            ("a\r\nHost", "x"),
            ("ä", "x"),
            ("x", "a\r\nHost: evil"),
            ("x", "a\nb"),
            ("x", "a\0b"),
            ("x", "ä"),
        ] {
            assert!(
                matches!(one(name, value), Err(Error::Refused { code: code::HEADER, .. })),
                "{name}: {value}"
            );
        }
        let twice = [("a".to_owned(), String::new()), ("A".to_owned(), String::new())];
        assert!(checked(&twice, false).is_err());
        let both = [("Authorization".to_owned(), "Basic x".to_owned())];
        assert!(checked(&both, true).is_err() && checked(&both, false).is_ok());
        assert!(one("x", &"a".repeat(LONGEST)).is_err());
    }

    #[test]
    fn another_server_does_not_learn_who_asks() {
        let mut said: Vec<(String, String)> =
            ["Authorization", "Cookie", "X-Api-Key", "Accept", "Idempotency-Key"]
                .map(|name| (name.to_owned(), "x".to_owned()))
                .into();
        said.push(("Content-Type".into(), "text/plain".into()));
        let left = across(&checked(&said, false).unwrap());
        let mut names: Vec<&str> = left.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "content-type", "idempotency-key"]);
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_ends_a_line(name in "\\PC{0,12}|[a-zA-Z-]{1,12}", value in "[\\x00-\\x7f\u{e4}\u{10a}]{0,12}") {
            if let Ok(headers) = one(&name, &value) {
                for (name, value) in &headers {
                    prop_assert!(name.as_str().bytes().all(|b| b.is_ascii_graphic() && b != b':'));
                    prop_assert!(value.as_bytes().iter().all(|b| *b == b'\t' || (b' '..=b'~').contains(b)));
                }
            }
        }
    }
}
