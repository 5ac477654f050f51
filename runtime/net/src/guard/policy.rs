//! What the operator allows, and what a flow's manifest does.

use super::Target;
use super::address::{Ground, ground};
use crate::Error;
use crate::error::code;
use reqwest::Url;
use std::net::IpAddr;
use std::sync::Arc;

/// Hosts that are never called, whatever they resolve to: a cloud's own resolver answers for them.
const NEVER: [&str; 4] = ["metadata.google.internal", "metadata.goog", "metadata", "instance-data"];

/// What the operator allows. Without a word, every public machine over TLS.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The only hosts that are called, where there is a list. Places of `private` need not be in it.
    pub allow: Option<Vec<Pattern>>,
    /// Places of the operator's own network that are called all the same, also without TLS.
    pub private: Vec<Place>,
    /// Public hosts that are called without TLS.
    pub plain: Vec<Pattern>,
}

/// Which hosts a pattern names: `api.example.com`, or `*.example.com` for all below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    host: String,
    below: bool,
}

/// A host and port: `10.1.2.3:8443`, `[fd00::1]:443`, `db.internal:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    host: String,
    port: u16,
}

/// The hosts that a flow's manifest lists, as they stand in it: `api.example.com`, `api.example.com:8443`, `api.*`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Hosts {
    /// It lists none because it may call any.
    #[default]
    Any,
    /// These.
    These(Arc<[Arc<str>]>),
}

/// Whether an address may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admitted {
    /// Where it is public.
    Public,
    /// Also where it is one of the operator's own.
    Inside,
}

impl Pattern {
    /// What a text says; none where it names no host.
    pub fn read(text: &str) -> Option<Pattern> {
        let (host, below) = text.strip_prefix("*.").map_or((text, false), |host| (host, true));
        let (name, _) = canonical(host).filter(|_| !host.contains('*') && alone(host))?;
        Some(Pattern { host: name, below })
    }

    fn fits(&self, host: &str) -> bool {
        match host.strip_suffix(&self.host) {
            Some("") => !self.below,
            Some(rest) => self.below && rest.ends_with('.'),
            None => false,
        }
    }
}

impl Place {
    /// What a text says; none where it is no host and port.
    pub fn read(text: &str) -> Option<Place> {
        let (host, port) = text.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port != 0)?;
        let (host, _) = canonical(host).filter(|_| alone(host))?;
        Some(Place { host, port })
    }
}

/// Whether no port stands behind it.
fn alone(host: &str) -> bool {
    !host.contains(':') || (host.starts_with('[') && host.ends_with(']'))
}

/// A host in the one form in which addresses have it, and the port behind it where there is one.
fn canonical(host: &str) -> Option<(String, Option<u16>)> {
    if host.is_empty() || host.contains(['/', '?', '#', '@', '\\', '%']) || host.contains(char::is_whitespace)
    {
        return None;
    }
    let url = Url::parse(&format!("https://{host}/")).ok()?;
    Some((url.host_str()?.to_owned(), url.port()))
}

impl Hosts {
    /// Whether a redirect may lead there.
    pub(crate) fn list(&self, target: &Target) -> bool {
        let Hosts::These(listed) = self else { return true };
        let (authority, full) = (target.authority(), format!("{}:{}", target.host, target.port));
        listed.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => authority.starts_with(&start.to_lowercase()),
            None => {
                let known = canonical(known);
                known.is_some_and(|(host, port)| match port {
                    Some(port) => full == format!("{host}:{port}"),
                    None => authority == host,
                })
            }
        })
    }
}

impl Policy {
    /// Whether the target may be called by its name. Its addresses are looked at when they are known.
    pub(crate) fn admit(&self, target: &Target) -> Result<Admitted, Error> {
        let place = target.place();
        if NEVER.contains(&target.host.as_str()) {
            let message =
                format!("`{place}` is not called: that is where a cloud keeps what its machines may do");
            return Err(Error::refused(code::PLACE, message));
        }
        let own = |known: &Place| known.host == target.host && known.port == target.port;
        if self.private.iter().any(own) {
            return Ok(Admitted::Inside);
        }
        let listed = |list: &[Pattern]| list.iter().any(|pattern| pattern.fits(&target.host));
        if self.allow.as_ref().is_some_and(|allow| !listed(allow)) {
            let message = format!(
                "`{place}` is not called: `net.allow` of the configuration does not list `{}`",
                target.host
            );
            return Err(Error::refused(code::HOST, message));
        }
        if let Some(ip) = target.ip {
            // Said before anything about TLS: that is not what is wrong with it.
            Policy::connect(target, Admitted::Public, ip)?;
        }
        if !target.tls && !listed(&self.plain) {
            let message = format!(
                "`{place}` is not called without TLS: write `https`, or list it under `net.plain` of the configuration"
            );
            return Err(Error::refused(code::ADDRESS, message));
        }
        Ok(Admitted::Public)
    }

    /// Whether the target's address may be connected to.
    pub(crate) fn connect(target: &Target, admitted: Admitted, ip: IpAddr) -> Result<(), Error> {
        let (what, way_out) = match ground(ip) {
            Ground::Public => return Ok(()),
            Ground::Inside(_) if admitted == Admitted::Inside => return Ok(()),
            Ground::Inside(what) => {
                let own = format!("{}:{}", target.host, target.port);
                (what, format!("; `net.private` of the configuration can list `{own}`"))
            }
            Ground::Never(what) => (what, String::new()),
        };
        let place = target.place();
        let message = match target.ip {
            Some(_) => format!("`{place}` is not called: that address is not public ({what}){way_out}"),
            None => format!("`{place}` is not called: its address {ip} is not public ({what}){way_out}"),
        };
        Err(Error::refused(code::PLACE, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        Target::of(text).unwrap()
    }

    fn code_of(result: Result<Admitted, Error>) -> &'static str {
        match result {
            Ok(Admitted::Public) => "public",
            Ok(Admitted::Inside) => "inside",
            Err(Error::Refused { code, .. }) => code,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn without_a_word_public_machines_are_called_over_tls() {
        let policy = Policy::default();
        for (address, said) in [
            ("https://example.com/", "public"),
            ("http://example.com/", "E1013"),
            ("https://metadata.google.internal/", "E1011"),
            ("https://METADATA/", "E1011"),
            ("https://10.1.2.3/", "E1011"),
            ("http://10.1.2.3/", "E1011"),
            ("https://1.1.1.1/", "public"),
        ] {
            assert_eq!(code_of(policy.admit(&target(address))), said, "{address}");
        }
        let inside: IpAddr = "10.1.2.3".parse().unwrap();
        assert!(Policy::connect(&target("https://10.1.2.3/"), Admitted::Public, inside).is_err());
        assert!(Policy::connect(&target("https://10.1.2.3/"), Admitted::Inside, inside).is_ok());
    }

    #[test]
    fn what_the_operator_says_counts() {
        let policy = Policy {
            allow: Some(vec![
                Pattern::read("api.example.com").unwrap(),
                Pattern::read("*.Shop.example").unwrap(),
            ]),
            private: vec![Place::read("10.1.2.3:8443").unwrap(), Place::read("Db.internal:8080").unwrap()],
            plain: vec![Pattern::read("old.shop.example").unwrap()],
        };
        for (address, said) in [
            ("https://api.example.com/", "public"),
            ("https://api.example.com:8443/", "public"),
            ("https://example.com/", "E1012"),
            ("https://x.api.example.com/", "E1012"),
            ("https://eu.shop.example/", "public"),
            ("https://a.eu.shop.example/", "public"),
            ("https://shop.example/", "E1012"),
            ("https://evilshop.example/", "E1012"),
            ("http://eu.shop.example/", "E1013"),
            ("http://old.shop.example/", "public"),
            ("http://10.1.2.3:8443/", "inside"),
            ("https://10.1.2.3:8443/", "inside"),
            ("https://10.1.2.3/", "E1012"),
            ("http://db.internal:8080/", "inside"),
            ("http://db.internal:8081/", "E1012"),
        ] {
            assert_eq!(code_of(policy.admit(&target(address))), said, "{address}");
        }
        // An exception for one's own network opens no way to what hands out credentials.
        for ip in ["169.254.169.254", "fe80::1", "224.0.0.1", "fd00:ec2::254", "100.100.100.200"] {
            let place = target("http://db.internal:8080/");
            assert!(Policy::connect(&place, Admitted::Inside, ip.parse().unwrap()).is_err(), "{ip}");
        }
    }

    #[test]
    fn only_hosts_are_patterns_and_only_hosts_with_ports_are_places() {
        for wrong in ["", "*", "*.*.a", "a/b", "a@b", "a b", "a:80", "a%62", "*a.example"] {
            assert_eq!(Pattern::read(wrong), None, "{wrong}");
        }
        for wrong in ["", "10.1.2.3", "10.1.2.3:0", "10.1.2.3:x", ":80", "a/b:80", "http://a:80", "fd00::1"] {
            assert_eq!(Place::read(wrong), None, "{wrong}");
        }
        assert_eq!(Place::read("[fd00:0::1]:443"), Some(Place { host: "[fd00::1]".into(), port: 443 }));
    }

    #[test]
    fn a_manifest_lists_hosts_as_they_are_written() {
        let these = |list: &[&str]| Hosts::These(list.iter().map(|host| Arc::from(*host)).collect());
        for (list, address, listed) in [
            (&["api.example.com"][..], "https://api.example.com/x", true),
            (&["API.example.com:443"], "https://api.example.com/", true),
            (&["api.example.com"], "https://api.example.com:8443/", false),
            (&["api.example.com:8443"], "https://api.example.com:8443/", true),
            (&["api.example.com"], "https://www.example.com/", false),
            (&["api.example.com"], "https://api.example.com.evil.example/", false),
            (&["api.*"], "https://api.example.com/", true),
            (&["*"], "https://other.example/", true),
            (&[], "https://example.com/", false),
        ] {
            assert_eq!(these(list).list(&target(address)), listed, "{list:?} {address}");
        }
        assert!(Hosts::Any.list(&target("https://example.com/")));
    }
}
