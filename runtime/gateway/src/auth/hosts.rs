//! The names that the gateway answers to, and the pages that may ask it.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

/// This machine's own names.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The names the gateway answers to, without ports, in lower case; and whose pages may ask.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    names: Arc<Vec<String>>,
    /// Those under which channels are reached, which come and go.
    channels: Arc<RwLock<Vec<String>>>,
    /// Whole origins: `https://ui.example`.
    origins: Arc<Vec<String>>,
}

/// Whose page a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// No page's, as far as it says.
    None,
    /// One that this server gave out.
    Own,
    /// One of an origin that was named.
    Friend,
    /// Some other.
    Stranger,
}

impl Hosts {
    /// This machine's, and `more`; and the origins whose pages may ask besides its own.
    pub(crate) fn new(more: &[String], origins: &[String]) -> Hosts {
        let own = LOOPBACK.map(str::to_owned);
        let names = own.into_iter().chain(more.iter().map(|name| name.to_lowercase())).collect();
        let origins = origins.iter().map(|origin| origin.trim_end_matches('/').to_lowercase()).collect();
        Hosts { names: Arc::new(names), channels: Arc::default(), origins: Arc::new(origins) }
    }

    /// From now on channels are reached under these names.
    pub(crate) fn serve_channels(&self, names: Vec<String>) {
        *self.channels.write().unwrap_or_else(PoisonError::into_inner) = names;
    }

    /// Whether it answers to that name. The address at which a connection came in is one, too: nobody can make it point elsewhere.
    pub(crate) fn know(&self, host: &str, local: Option<IpAddr>) -> bool {
        let name = name_of(host);
        let literal = || name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        let is = |known: &String| known.eq_ignore_ascii_case(name);
        self.names.iter().any(is)
            || self.channels.read().unwrap_or_else(PoisonError::into_inner).iter().any(is)
            || local
                .is_some_and(|local| literal().is_some_and(|ip| ip.to_canonical() == local.to_canonical()))
    }

    /// Whether a name is one of this machine for itself.
    pub(crate) fn is_loopback(host: &str) -> bool {
        LOOPBACK.iter().any(|known| known.eq_ignore_ascii_case(name_of(host)))
    }

    /// Whose page says `Origin: …` in a request to `host`.
    pub(crate) fn page(&self, origin: Option<&str>, host: &str) -> Page {
        let Some(origin) = origin else { return Page::None };
        let lower = origin.to_lowercase();
        if self.origins.contains(&lower) {
            return Page::Friend;
        }
        let (authority, port) = match lower.split_once("://") {
            Some(("http", authority)) => (authority, "80"),
            Some(("https", authority)) => (authority, "443"),
            _ => return Page::Stranger,
        };
        let own = host.to_lowercase();
        let whole = |text: &str| match text.strip_prefix(name_of(text)) {
            Some("") => format!("{text}:{port}"),
            _ => text.to_owned(),
        };
        if whole(authority) == whole(&own) { Page::Own } else { Page::Stranger }
    }
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine() {
        let hosts = Hosts::new(&["Chat.Example".to_owned()], &[]);
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:7171", "[::1]", "[::1]:80", "chat.example:1"] {
            assert!(hosts.know(host, None), "{host}");
        }
        let here = Some("192.0.2.7".parse().unwrap());
        assert!(hosts.know("192.0.2.7:7171", here) && !hosts.know("192.0.2.8:7171", here));
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io:7171",
            "127.0.0.1:",
            "::1",
            "localhost:x",
            "[localhost]",
        ] {
            assert!(!hosts.know(host, here), "{host}");
        }
    }

    #[test]
    fn a_page_is_ours_where_it_came_from_the_name_that_it_asks() {
        let hosts = Hosts::new(&[], &["https://UI.example/".to_owned()]);
        for (origin, host, expected) in [
            (None, "localhost", Page::None),
            (Some("http://localhost:7171"), "localhost:7171", Page::Own),
            (Some("http://localhost"), "localhost:80", Page::Own),
            (Some("https://bots.example"), "bots.example", Page::Own),
            (Some("https://BOTS.example"), "bots.example:443", Page::Own),
            (Some("http://[::1]:7171"), "[::1]:7171", Page::Own),
            (Some("https://ui.example"), "localhost:7171", Page::Friend),
            // Another server at this machine is somebody else.
            (Some("http://localhost:3000"), "localhost:7171", Page::Stranger),
            (Some("http://127.0.0.1:7171"), "localhost:7171", Page::Stranger),
            (Some("null"), "localhost", Page::Stranger),
            (Some(""), "", Page::Stranger),
            (Some("file://"), "localhost", Page::Stranger),
            (Some("https://ui.example.evil.example"), "localhost", Page::Stranger),
            (Some("http://ui.example"), "localhost", Page::Stranger),
            (Some("https://bots.example"), "bots.example:8443", Page::Stranger),
        ] {
            assert_eq!(hosts.page(origin, host), expected, "{origin:?} {host}");
        }
    }
}
