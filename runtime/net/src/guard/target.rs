//! An address as a flow or a server wrote it, taken apart in the one way in which everybody reads it.

use crate::Error;
use crate::error::code;
use reqwest::Url;
use reqwest::header::HeaderValue;
use std::net::{IpAddr, Ipv6Addr};

/// The longest address in bytes; servers take 8,000 at least (RFC 9110, section 4.1).
const LONGEST: usize = 8_000;

/// Ports below 1024 at which web servers listen.
const LOW: [u16; 2] = [80, 443];

/// Ports from 1024 on at which something else listens that could take a request for one of its own (the bad ports of the
/// Fetch standard).
const TAKEN: [u16; 19] = [
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
    6697, 10080,
];

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The whole address, without what stands behind `#`.
    pub(crate) url: Url,
    /// The host: a name in lower case, or an address, IPv6 in brackets.
    pub(crate) host: String,
    /// The address, where the host is one.
    pub(crate) ip: Option<IpAddr>,
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

impl Target {
    /// What a text says, if it says it plainly. An address that two programs could read in two ways is refused: whoever
    /// checked it might have read the other.
    pub(crate) fn of(text: &str) -> Result<Target, Error> {
        let odd =
            |why: &str| Err(Error::refused(code::ADDRESS, format!("`{}` is not called: {why}", shown(text))));
        if text.len() > LONGEST {
            return odd("it is longer than 8,000 bytes");
        }
        if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
            return odd("blanks, line ends and backslashes have no place in an address");
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return odd("an address begins with `https://`");
        };
        let tls = scheme.eq_ignore_ascii_case("https");
        if !tls && !scheme.eq_ignore_ascii_case("http") {
            return odd("only `https` is spoken");
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return odd("a name and password before `@` are not sent; hand a secret over as `token`");
        }
        if authority.contains('%') {
            return odd("there is `%` in the host");
        }
        let Ok(mut url) = Url::parse(text) else { return odd("it is no address") };
        url.set_fragment(None);
        let (Some(host), Some(port)) = (url.host_str().map(str::to_owned), url.port_or_known_default())
        else {
            return odd("it names no host");
        };
        let written = authority
            .rsplit_once(':')
            .filter(|(_, port)| !port.contains(']'))
            .map_or(authority, |(host, _)| host);
        let ip = address(&host);
        if !plain(written, &host, ip) {
            return odd(&format!("its host is written in a way that means `{host}` to some; write that"));
        }
        if host.ends_with('.') || host.is_empty() {
            return odd("leave out the dot at the end of the host");
        }
        if port == 0 || (port < 1024 && !LOW.contains(&port)) || TAKEN.contains(&port) {
            return odd(&format!("port {port} is not one of a web server"));
        }
        Ok(Target { url, host, ip, port, tls })
    }

    /// Where a server sends a client on to.
    pub(crate) fn redirected(&self, location: &HeaderValue) -> Result<Target, Error> {
        let wrong = || {
            Error::refused(
                code::REDIRECT,
                format!("`{}` redirects to something that is no address", self.place()),
            )
        };
        let location = location.to_str().map_err(|_| wrong())?;
        // A relative one is read against this address; an absolute one has to be as plain as a flow's own. A location that
        // begins with two slashes names a host, too.
        let absolute = location.contains("://") || location.starts_with("//") || location.contains('\\');
        if absolute && !location.starts_with("//") {
            return Target::of(location);
        }
        if absolute {
            return Target::of(&format!("{}:{location}", self.url.scheme()));
        }
        let joined = self.url.join(location).map_err(|_| wrong())?;
        Target::of(joined.as_str())
    }

    /// Host and port, the port where it is not the usual one: as it stands in an address.
    pub(crate) fn authority(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// Scheme, host and port, for messages: what stands behind them may hold something that is nobody's business.
    pub(crate) fn place(&self) -> String {
        format!("{}://{}", self.url.scheme(), self.authority())
    }

    /// Whether both are of one server in the eyes of browsers (RFC 6454).
    pub(crate) fn same_origin(&self, other: &Target) -> bool {
        (self.tls, &self.host, self.port) == (other.tls, &other.host, other.port)
    }
}

/// Scheme and host of a text that may be no address, for messages.
fn shown(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Never the name and password.
    let rest = rest.rsplit('@').next().unwrap_or_default();
    let shown: String = rest.chars().take(100).flat_map(char::escape_debug).collect();
    if scheme.is_empty() { shown } else { format!("{}://{shown}", scheme.escape_debug()) }
}

fn address(host: &str) -> Option<IpAddr> {
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    inner.unwrap_or(host).parse().ok()
}

/// Whether what is written is what it is read as: names may differ in case and be written in any script, addresses not at all.
fn plain(written: &str, host: &str, ip: Option<IpAddr>) -> bool {
    match ip {
        Some(IpAddr::V4(_)) => written == host,
        Some(IpAddr::V6(ip)) => {
            let inner = written.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
            inner.and_then(|inner| inner.parse::<Ipv6Addr>().ok()) == Some(ip)
        }
        None => !written.is_ascii() || written.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> String {
        match Target::of(text) {
            Err(Error::Refused { code, message }) if code == code::ADDRESS => message,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_plain_address_is_taken_apart() {
        let target = Target::of("https://API.example.com:8443/a?b=c#d").unwrap();
        assert_eq!(target.url.as_str(), "https://api.example.com:8443/a?b=c");
        assert_eq!((target.host.as_str(), target.port, target.tls), ("api.example.com", 8443, true));
        assert_eq!(
            (target.authority(), target.place()),
            ("api.example.com:8443".into(), "https://api.example.com:8443".into())
        );
        assert_eq!(Target::of("http://[2606:4700:0::1111]/").unwrap().host, "[2606:4700::1111]");
        assert_eq!(Target::of("https://bücher.example/").unwrap().host, "xn--bcher-kva.example");
        assert_eq!(Target::of("https://1.1.1.1:443").unwrap().authority(), "1.1.1.1");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for text in [
            "",
            "example.com",
            "//example.com",
            "https:example.com",
            "https:/example.com",
            "file:///etc/passwd",
            "ftp://example.com",
            "gopher://example.com",
            "javascript://example.com",
            "https://",
            "https:///x",
            "https://:443/",
            "https://user@example.com/",
            "https://user:pass@example.com/",
            "https://example.com@evil.example/",
            "https://example.com\\@evil.example/",
            "https://example.com\\.evil.example/",
            "https://exa mple.com/",
            "https://example.com/a\r\nHost: evil.example",
            "https://example.com/\u{0}",
            "https://ex\tample.com/",
            "https://2130706433/",
            "https://017700000001/",
            "https://0x7f000001/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://127.0.0.01/",
            "https://0177.0.0.1/",
            "https://127.0.0.1./",
            "https://127.0.0.0x1/",
            "https://1/",
            "https://%31%32%37.0.0.1/",
            "https://127。0。0。1/",
            "https://１２７.0.0.1/",
            "https://①②⑦.0.0.1/",
            "https://[fe80::1%25eth0]/",
            "https://[fe80::1%eth0]/",
            "https://[::1/",
            "https://::1/",
            "https://[v1.x]/",
            "https://example.com./",
            "https://exa%6dple.com/",
            "https://example.com:0/",
            "https://example.com:22/",
            "https://example.com:25/",
            "https://example.com:6000/",
            "https://example.com:65536/",
            "https://example.com:x/",
        ] {
            refused(text);
        }
        refused(&format!("https://example.com/{}", "a".repeat(LONGEST)));
    }

    #[test]
    fn messages_hold_nothing_secret() {
        for text in [
            "https://ana:hunter2@example.com/",
            "https://example.com:22/hunter2?key=hunter2",
            "x://y/hunter2",
        ] {
            assert!(!refused(text).contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_redirect_leads_where_it_says() {
        let from = Target::of("https://example.com/a/b?c").unwrap();
        for (location, to) in [
            ("/x", "https://example.com/x"),
            ("x?y", "https://example.com/a/x?y"),
            ("?q", "https://example.com/a/b?q"),
            ("//other.example/x", "https://other.example/x"),
            ("http://other.example", "http://other.example/"),
        ] {
            let location = HeaderValue::from_static(location);
            assert_eq!(from.redirected(&location).unwrap().url.as_str(), to);
        }
        for location in [
            "https://2130706433/",
            "//0x7f.1/",
            "\\\\evil.example/x",
            "https://a@b.example/",
            "file:///etc/passwd",
        ] {
            assert!(from.redirected(&HeaderValue::from_static(location)).is_err(), "{location}");
        }
    }

    proptest! {
        /// Whoever splits the text at the first slash and whoever parses it sees the same host.
        #[test]
        fn what_is_taken_is_read_alike(text in "(https?://)?[a-zA-Z0-9.:@%\\\\\\[\\]/?#_ \u{3002}\u{ff11}-]{0,40}") {
            if let Ok(target) = Target::of(&text) {
                let authority = text.split_once("://").unwrap().1.split(['/', '?', '#']).next().unwrap();
                let lower = authority.to_lowercase();
                let again = Target::of(target.url.as_str()).unwrap();
                prop_assert_eq!(&again.host, &target.host);
                if lower.is_ascii() && !lower.starts_with('[') {
                    prop_assert!(lower == target.host || lower.rsplit_once(':').unwrap().0 == target.host, "{} {:?}", text, target);
                }
            }
        }

        #[test]
        fn no_number_is_taken_for_an_address(n: u32) {
            for text in [format!("https://{n}/"), format!("https://0x{n:x}/"), format!("https://0{n:o}/")] {
                prop_assert!(Target::of(&text).is_err(), "{}", text);
            }
        }
    }
}
