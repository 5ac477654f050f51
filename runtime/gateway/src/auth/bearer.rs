//! The token that a request carries.

use super::tickets::{BEFORE, SUBPROTOCOL};
use super::token::PREFIX;
use axum::http::{HeaderMap, Method, Uri, header};

/// Names under which people put tokens into addresses.
const NAMES: [&str; 11] = [
    "token",
    "access_token",
    "auth_token",
    "auth",
    "api_key",
    "apikey",
    "key",
    "bearer",
    "authorization",
    "secret",
    "ticket",
];

/// Where a WebSocket is opened, and so a ticket counts.
const SOCKET: &str = "/v1/ws";

/// What a request shows of who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown<'a> {
    /// Nothing.
    Nothing,
    /// This token.
    Token(&'a str),
    /// This ticket.
    Ticket(&'a str),
    /// Something that is no use here.
    Other(&'static str),
}

/// What stands under `Authorization` (RFC 6750, section 2.1).
pub(crate) fn shown(headers: &HeaderMap) -> Shown<'_> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (all.next(), all.next()) {
        (None, _) => return Shown::Nothing,
        (Some(value), None) => value,
        (Some(_), Some(_)) => return Shown::Other("`Authorization` stands there twice"),
    };
    let Ok(text) = value.to_str() else {
        return Shown::Other("`Authorization` holds letters that no token has");
    };
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => match token.trim() {
            "" => Shown::Other("there is no token behind `Bearer`"),
            token => Shown::Token(token),
        },
        _ => Shown::Other("only `Authorization: Bearer …` is understood"),
    }
}

/// The same, where a WebSocket is opened at its address: a page says a ticket among the protocols of it (RFC 6455, section 4.1).
pub(crate) fn shown_for<'a>(method: &Method, uri: &Uri, headers: &'a HeaderMap) -> Shown<'a> {
    let token = shown(headers);
    let opens =
        headers.get(header::UPGRADE).is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket"));
    if uri.path() != SOCKET || method != Method::GET || !opens {
        return token;
    }
    match (ticket(headers), token) {
        (None, token) => token,
        (Some(ticket), Shown::Nothing) => ticket,
        (Some(_), _) => {
            Shown::Other("a WebSocket is opened with a token or with a ticket, and not with both")
        }
    }
}

/// The ticket among the protocols of a WebSocket, of which there may be several fields.
fn ticket(headers: &HeaderMap) -> Option<Shown<'_>> {
    let fields = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let names = fields.filter_map(|field| field.to_str().ok()).flat_map(|field| field.split(','));
    let names: Vec<&str> = names.map(str::trim).collect();
    let mut tickets = names.iter().filter_map(|name| name.strip_prefix(BEFORE));
    Some(match (tickets.next()?, tickets.next()) {
        (_, Some(_)) => Shown::Other("there are two tickets"),
        // Browsers end a connection whose server takes none of the protocols, and a ticket is not one to be said again.
        _ if !names.contains(&SUBPROTOCOL) => {
            Shown::Other("a ticket stands beside the protocol `carapace.v1`, which is missing")
        }
        (ticket, None) => Shown::Ticket(ticket),
    })
}

/// Whether an address has a token in it. Addresses are written into logs and histories, so that what stands in one is no secret.
pub(crate) fn is_in_address(uri: &Uri) -> bool {
    let pairs =
        uri.query().unwrap_or_default().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let named = |name: &str| NAMES.iter().any(|known| known.eq_ignore_ascii_case(name));
    pairs.into_iter().any(|(name, value)| named(name) && !value.is_empty()) || has_ours(uri)
}

/// Whether an address has a token of ours in it, wherever.
pub(crate) fn has_ours(uri: &Uri) -> bool {
    let long = |text: &str| {
        text.split(PREFIX)
            .skip(1)
            .any(|rest| rest.bytes().take_while(u8::is_ascii_alphanumeric).count() >= 40)
    };
    long(uri.path()) || uri.query().is_some_and(long)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Token;
    use proptest::prelude::*;

    fn of(values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, axum::http::HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn only_a_bearer_is_understood() {
        assert_eq!(shown(&of(&[])), Shown::Nothing);
        for value in [&b"Bearer abc"[..], b"bearer abc", b"BEARER   abc "] {
            assert_eq!(shown(&of(&[value])), Shown::Token("abc"), "{value:?}");
        }
        for value in [&b"abc"[..], b"Basic YTpi", b"Bearer", b"Bearer ", b"Bearerabc", b"", b"Bearer \xff"] {
            assert!(matches!(shown(&of(&[value])), Shown::Other(_)), "{value:?}");
        }
        assert!(matches!(shown(&of(&[b"Bearer a", b"Bearer a"])), Shown::Other(_)));
    }

    #[test]
    fn a_ticket_is_seen_where_a_websocket_is_opened() {
        let other = |shown: &Shown<'_>| matches!(shown, Shown::Other(_));
        let both = "carapace.v1, ticket.ab";
        for (path, upgrade, fields, expected) in [
            ("/v1/ws", "websocket", &[both][..], Some(Shown::Ticket("ab"))),
            ("/v1/ws", "WebSocket", &["ticket.ab", "carapace.v1"], Some(Shown::Ticket("ab"))),
            ("/v1/ws", "websocket", &["ticket.ab,carapace.v1,other"], Some(Shown::Ticket("ab"))),
            ("/v1/ws", "websocket", &["ticket., carapace.v1"], Some(Shown::Ticket(""))),
            ("/v1/ws", "websocket", &["carapace.v1"], Some(Shown::Nothing)),
            ("/v1/ws", "websocket", &[], Some(Shown::Nothing)),
            ("/v1/ws", "websocket", &["ticket.ab"], None),
            ("/v1/ws", "websocket", &["carapace.v1, ticket.a, ticket.b"], None),
            ("/v1/ws", "h2c", &[both], Some(Shown::Nothing)),
            ("/v1/runs", "websocket", &[both], Some(Shown::Nothing)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::UPGRADE, upgrade.parse().unwrap());
            for field in fields {
                headers.append(header::SEC_WEBSOCKET_PROTOCOL, field.parse().unwrap());
            }
            let seen = shown_for(&Method::GET, &path.parse().unwrap(), &headers);
            assert!(
                expected.as_ref().map_or(other(&seen), |expected| *expected == seen),
                "{path} {fields:?} {seen:?}"
            );
            headers.insert(header::AUTHORIZATION, "Bearer t".parse().unwrap());
            let seen = shown_for(&Method::GET, &path.parse().unwrap(), &headers);
            let alone = seen == Shown::Token("t");
            assert_eq!(alone, expected == Some(Shown::Nothing), "with a token: {path} {fields:?} {seen:?}");
        }
    }

    #[test]
    fn a_token_in_an_address_is_seen() {
        let token = Token::fresh().unwrap();
        let ours = [format!("/v1/runs?x={}", token.reveal()), format!("/{}/runs", token.reveal())];
        for address in ours.iter().map(String::as_str).chain([
            "/a?token=x",
            "/a?b=c&API_KEY=x",
            "/a?access_token=x",
            "/v1/ws?ticket=x",
        ]) {
            assert!(is_in_address(&address.parse().unwrap()), "{address}");
        }
        for address in ["/a", "/a?token=", "/a?tokens=3", "/token/x", "/a?flow=cpc_x", "/a?&&=&"] {
            assert!(!is_in_address(&address.parse().unwrap()), "{address}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read_without_panic(bytes in prop::collection::vec(0x20_u8..=0xff, 0..60)) {
            if let Ok(value) = axum::http::HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.append(header::AUTHORIZATION, value.clone());
                let _ = shown(&headers);
                headers.clear();
                headers.insert(header::UPGRADE, "websocket".parse().unwrap());
                headers.append(header::SEC_WEBSOCKET_PROTOCOL, value);
                let _ = shown_for(&Method::GET, &"/v1/ws".parse().unwrap(), &headers);
            }
        }
    }
}
