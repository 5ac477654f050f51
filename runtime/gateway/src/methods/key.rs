//! A name that whoever asks gives a request, so that it is done once, however often it is sent (draft-ietf-httpapi-idempotency-key-header).

use crate::auth::Caller;
use crate::rpc::Fault;

/// The header field that has it.
pub(crate) const HEADER: &str = "idempotency-key";

/// Letters of a key at most.
const LONGEST: usize = 255;

/// Whoever asks at this machine without a token.
const LOCAL: &str = "local";

/// An idempotency key: letters that can be seen, and spaces between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(String);

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to {LONGEST} letters of ASCII that can be seen, said once")]
pub(crate) struct NoKey;

impl Key {
    /// Reads one.
    pub(crate) fn read(text: &str) -> Result<Key, NoKey> {
        let plain = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        let fits = (1..=LONGEST).contains(&text.len()) && text.trim() == text;
        if plain && fits { Ok(Key(text.to_owned())) } else { Err(NoKey) }
    }

    /// That of a request, where it has one.
    pub(crate) fn of_headers(headers: &axum::http::HeaderMap) -> Result<Option<Key>, NoKey> {
        let mut all = headers.get_all(HEADER).iter();
        match (all.next(), all.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => Key::read(value.to_str().map_err(|_| NoKey)?).map(Some),
            (Some(_), Some(_)) => Err(NoKey),
        }
    }

    /// The key with who has it: what one says is nobody else's.
    pub(crate) fn of(&self, caller: &Caller) -> String {
        format!("{} {}", owner(caller), self.0)
    }

    /// The key itself.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// Whose something is that is kept for whoever asked: a token's, by its short name, or of this machine.
pub(crate) fn owner(caller: &Caller) -> &str {
    caller.token().unwrap_or(LOCAL)
}

impl NoKey {
    /// As a call is refused.
    pub(crate) fn fault(self) -> Fault {
        let help = "a random UUID for each request is one, and the same again where it is sent again";
        Fault::refused("E1144", self.to_string(), Some(help.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn a_key_is_said_once_and_can_be_seen() {
        let of = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, HeaderValue::from_bytes(value).unwrap());
            }
            Key::of_headers(&headers).map(|key| key.map(|key| key.text().to_owned()))
        };
        assert_eq!(of(&[]), Ok(None));
        for good in ["a", "\"8e03978e-40d5\"", "two words", &"x".repeat(LONGEST)] {
            assert_eq!(of(&[good.as_bytes()]), Ok(Some(good.to_owned())));
        }
        let long = "x".repeat(LONGEST + 1);
        for bad in [&[&b""[..]][..], &[long.as_bytes()], &[b"\xc3\xa4"], &[b"a\tb"], &[b"a", b"a"]] {
            assert_eq!(of(bad), Err(NoKey), "{bad:?}");
        }
        assert_eq!(Key::read(" a"), Err(NoKey));
        let key = Key::read("a b").unwrap();
        assert_eq!(key.of(&Caller::local()), "local a b");
    }
}
