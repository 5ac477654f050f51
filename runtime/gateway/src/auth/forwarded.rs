//! What proxies say of those whose requests they hand on: `X-Forwarded-For`, and `Forwarded` (RFC 7239).

use super::Network;
use axum::http::{HeaderMap, HeaderName, header};
use std::net::{IpAddr, SocketAddr};

/// Machines that a request came through at most; more is somebody who plays.
const MOST_HOPS: usize = 32;

/// Header fields that only somebody adds who hands a request on.
const TELLING: [&str; 14] = [
    "forwarded",
    "forwarded-for",
    "x-forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-original-forwarded-for",
    "x-cluster-client-ip",
    "x-client-ip",
    "x-real-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "via",
];

/// Where a request came through, as a proxy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hop {
    /// A machine with this address.
    Address(IpAddr),
    /// One that the proxy does not name.
    Hidden,
}

/// What a proxy says makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Nonsense {
    #[error("`{0}` cannot be understood")]
    Unreadable(&'static str),
    #[error("it came through too many machines")]
    TooLong,
    #[error("`Forwarded` and `X-Forwarded-For` name different senders")]
    Different,
}

/// Whether somebody handed this request on.
pub(crate) fn is_handed_on(headers: &HeaderMap) -> bool {
    TELLING.iter().any(|name| headers.contains_key(*name))
}

/// Who sent a request that a proxy handed on: the last on the way that is no proxy of ours. None where the proxy does not say.
pub(crate) fn sender(headers: &HeaderMap, proxies: &[Network]) -> Result<Option<IpAddr>, Nonsense> {
    let by_list = lines(headers, &HeaderName::from_static("x-forwarded-for"), "X-Forwarded-For")?;
    let by_pairs = lines(headers, &header::FORWARDED, "Forwarded")?;
    let by_list = by_list.map(|text| list(&text)).transpose()?;
    let by_pairs = by_pairs.map(|text| pairs(&text)).transpose()?;
    let last = |hops: Vec<Hop>| last_stranger(&hops, proxies);
    match (by_list.map(last), by_pairs.map(last)) {
        // One of the two was not set by the proxy but by whoever wrote to it, and nobody knows which.
        (Some(one), Some(other)) if one != other => Err(Nonsense::Different),
        (Some(one), _) | (None, Some(one)) => Ok(one),
        (None, None) => Ok(None),
    }
}

fn last_stranger(hops: &[Hop], proxies: &[Network]) -> Option<IpAddr> {
    let mut last = None;
    for hop in hops.iter().rev() {
        match hop {
            Hop::Hidden => return None,
            Hop::Address(address) => {
                last = Some(*address);
                if !proxies.iter().any(|proxy| proxy.contains(*address)) {
                    break;
                }
            }
        }
    }
    last
}

/// All lines of a field as one (RFC 9110, section 5.3); none where there is none.
fn lines(headers: &HeaderMap, name: &HeaderName, shown: &'static str) -> Result<Option<String>, Nonsense> {
    let mut all: Option<String> = None;
    for value in headers.get_all(name) {
        let value = value.to_str().map_err(|_| Nonsense::Unreadable(shown))?;
        all = Some(all.map_or_else(|| value.to_owned(), |all| format!("{all}, {value}")));
    }
    Ok(all)
}

/// `X-Forwarded-For`: addresses between commas, the sender's first. Some proxies add a port.
pub(crate) fn list(text: &str) -> Result<Vec<Hop>, Nonsense> {
    let wrong = Nonsense::Unreadable("X-Forwarded-For");
    let mut hops = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        if hops.len() >= MOST_HOPS {
            return Err(Nonsense::TooLong);
        }
        hops.push(if part == "unknown" {
            Hop::Hidden
        } else {
            Hop::Address(node(part).ok_or(wrong.clone())?)
        });
    }
    if hops.is_empty() { Err(wrong) } else { Ok(hops) }
}

/// `Forwarded`: elements between commas, each pairs between semicolons, of which `for` is of interest.
pub(crate) fn pairs(text: &str) -> Result<Vec<Hop>, Nonsense> {
    let wrong = || Nonsense::Unreadable("Forwarded");
    let mut hops = Vec::new();
    for element in split(text, ',').ok_or_else(wrong)? {
        if element.is_empty() {
            continue;
        }
        if hops.len() >= MOST_HOPS {
            return Err(Nonsense::TooLong);
        }
        let mut hop = None;
        for pair in split(element, ';').ok_or_else(wrong)?.into_iter().filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
            let value = unquoted(value).ok_or_else(wrong)?;
            if !name.is_empty() && name.bytes().all(is_token) {
                if name.eq_ignore_ascii_case("for") && hop.replace(named(&value).ok_or_else(wrong)?).is_some()
                {
                    return Err(wrong());
                }
            } else {
                return Err(wrong());
            }
        }
        // An element that does not say `for` is a proxy that hides whom it speaks for.
        hops.push(hop.unwrap_or(Hop::Hidden));
    }
    if hops.is_empty() { Err(wrong()) } else { Ok(hops) }
}

/// A node of `Forwarded` (RFC 7239, section 6): an address, `unknown`, or a name that somebody made up.
fn named(value: &str) -> Option<Hop> {
    let made_up = |text: &str| {
        text.strip_prefix('_').is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:".contains(&b))
        })
    };
    if value.eq_ignore_ascii_case("unknown") || made_up(value) {
        return Some(Hop::Hidden);
    }
    node(value).map(Hop::Address)
}

/// An address, with or without brackets and a port.
fn node(text: &str) -> Option<IpAddr> {
    let bare =
        || text.strip_prefix('[')?.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().ok().map(IpAddr::from);
    let address = text.parse().ok().or_else(bare);
    address
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address| address.to_canonical())
}

/// The parts of a text between separators that do not stand in quotes; none where a quote has no end.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => {
                parts.push(text.get(start..at)?.trim());
                start = at.saturating_add(c.len_utf8());
            }
            _ => {}
        }
    }
    parts.push(text.get(start..)?.trim());
    (!quoted && !escaped).then_some(parts)
}

/// A value without its quotes; none where it is neither a token nor a quoted text (RFC 9110, section 5.6).
fn unquoted(value: &str) -> Option<String> {
    let Some(inside) = value.strip_prefix('"') else {
        return (!value.is_empty() && value.bytes().all(is_token)).then(|| value.to_owned());
    };
    let (mut text, mut chars) = (String::new(), inside.strip_suffix('"')?.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(chars.next()?),
            '"' => return None,
            c => text.push(c),
        }
    }
    Some(text)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn lists_are_read() {
        assert_eq!(
            list("192.0.2.1, 10.0.0.1").unwrap(),
            [Hop::Address(ip("192.0.2.1")), Hop::Address(ip("10.0.0.1"))]
        );
        assert_eq!(
            list("[2001:db8::1]:4711,192.0.2.1:80").unwrap(),
            [Hop::Address(ip("2001:db8::1")), Hop::Address(ip("192.0.2.1"))]
        );
        assert_eq!(list("unknown, ::ffff:192.0.2.1").unwrap(), [Hop::Hidden, Hop::Address(ip("192.0.2.1"))]);
        for text in
            ["", ",", "bots.example", "192.0.2.1;10.0.0.1", "192.0.2.256", "[::1", "192.0.2.1 10.0.0.1"]
        {
            assert!(list(text).is_err(), "{text}");
        }
        assert_eq!(list(&"192.0.2.1,".repeat(33)), Err(Nonsense::TooLong));
    }

    #[test]
    fn elements_are_read() {
        let one = |text: &str| pairs(text).unwrap();
        assert_eq!(one("for=192.0.2.60;proto=http;by=203.0.113.43"), [Hop::Address(ip("192.0.2.60"))]);
        assert_eq!(one("For=\"[2001:db8:cafe::17]:4711\""), [Hop::Address(ip("2001:db8:cafe::17"))]);
        assert_eq!(one("for=_gazonk, for=unknown, proto=https"), [Hop::Hidden; 3]);
        assert!(pairs("for=\"_a,b;c\\\\d\"").is_err(), "quotes hold separators, which no name has");
        for text in [
            "",
            ",",
            "for",
            "for=",
            "for=\"1",
            "for=a.example",
            "for=1.2.3.4;for=1.2.3.4",
            "=1.2.3.4",
            "for =1.2.3.4",
        ] {
            assert!(pairs(text).is_err(), "{text}");
        }
        assert_eq!(pairs(&"for=_a,".repeat(33)), Err(Nonsense::TooLong));
    }

    fn sent(fields: &[(&'static str, &str)], proxies: &[&str]) -> Result<Option<IpAddr>, Nonsense> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        let proxies: Vec<Network> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
        sender(&headers, &proxies)
    }

    #[test]
    fn the_last_stranger_is_the_sender() {
        let own = ["127.0.0.1", "10.0.0.0/8"];
        for (list, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1, 10.0.0.7", "192.0.2.1"),
            // What stands before the last stranger, that one made up.
            ("127.0.0.1, 192.0.2.1", "192.0.2.1"),
            ("6.6.6.6, 192.0.2.1, 10.0.0.7, 10.0.0.8", "192.0.2.1"),
            ("10.0.0.7", "10.0.0.7"),
        ] {
            assert_eq!(sent(&[("x-forwarded-for", list)], &own), Ok(Some(ip(expected))), "{list}");
        }
        let several = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(sent(&several, &own), Ok(Some(ip("192.0.2.1"))));
        let both = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")];
        assert_eq!(sent(&both, &own), Ok(Some(ip("192.0.2.1"))));
        let differ = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=6.6.6.6")];
        assert_eq!(sent(&differ, &own), Err(Nonsense::Different));
        assert_eq!(sent(&[("forwarded", "for=unknown")], &own), Ok(None));
        assert_eq!(sent(&[], &own), Ok(None));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in r#"[ -~é]{0,80}"#, more in r#"(for|by|x)?=?"?[0-9a-f:.\[\]_,;="\\ ]{0,60}"#) {
            let _ = (list(&text), pairs(&text), list(&more), pairs(&more));
        }

        #[test]
        fn an_address_is_read_however_it_is_written(bits in any::<u128>(), four in any::<u32>(), port in any::<u16>()) {
            let (six, four) = (std::net::Ipv6Addr::from_bits(bits), std::net::Ipv4Addr::from_bits(four));
            for (text, address) in [(format!("[{six}]:{port}"), IpAddr::from(six)), (format!("{four}:{port}"), four.into())] {
                let expected = vec![Hop::Address(address.to_canonical())];
                prop_assert_eq!(list(&text).unwrap(), expected.clone());
                prop_assert_eq!(pairs(&format!("proto=https;for=\"{text}\"")).unwrap(), expected);
            }
        }
    }
}
