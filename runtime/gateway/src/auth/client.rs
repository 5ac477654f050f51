//! From where a request comes.

use super::forwarded::{Nonsense, is_handed_on, sender};
use super::{Hosts, Network};
use axum::http::{HeaderMap, header};
use std::net::IpAddr;

/// From where a request comes. Every request has one, also those of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The sender's address: what a proxy of ours says, or the other end of the connection.
    pub address: IpAddr,
    /// Whether it was sent at this machine, by nothing that hands on what others send.
    pub is_local: bool,
}

impl Client {
    /// Who sent a request that came over a connection with `peer`.
    ///
    /// Only what comes from a loopback address, to a loopback name, through nobody that says so, is of this machine. A proxy that
    /// was named is never: what it hands on comes from elsewhere, whether it says so or not.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> Result<Client, Nonsense> {
        let peer = peer.to_canonical();
        if proxies.iter().any(|proxy| proxy.contains(peer)) {
            let address = sender(headers, proxies)?.unwrap_or(peer);
            return Ok(Client { address, is_local: false });
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let is_local = peer.is_loopback() && !is_handed_on(headers) && Hosts::is_loopback(host);
        Ok(Client { address: peer, is_local })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_handed_on_is_local() {
        let proxies: Vec<Network> = vec!["127.0.0.9".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        for (peer, host, fields, expected) in [
            ("127.0.0.1", "localhost:7171", vec![], ("127.0.0.1", true)),
            ("::1", "[::1]:7171", vec![], ("::1", true)),
            ("::ffff:127.0.0.1", "127.0.0.1", vec![], ("127.0.0.1", true)),
            ("192.0.2.1", "localhost", vec![], ("192.0.2.1", false)),
            ("127.0.0.1", "bots.example", vec![], ("127.0.0.1", false)),
            // Who is no proxy of ours may say what they like: they only lose by it.
            ("127.0.0.1", "localhost", vec![("x-forwarded-for", "192.0.2.1")], ("127.0.0.1", false)),
            ("127.0.0.1", "localhost", vec![("forwarded", "junk")], ("127.0.0.1", false)),
            ("127.0.0.1", "localhost", vec![("via", "1.1 x")], ("127.0.0.1", false)),
            ("192.0.2.1", "localhost", vec![("x-forwarded-for", "127.0.0.1")], ("192.0.2.1", false)),
            // A proxy of ours is believed, and nothing that it hands on is local.
            ("127.0.0.9", "localhost", vec![("x-forwarded-for", "192.0.2.1")], ("192.0.2.1", false)),
            ("127.0.0.9", "localhost", vec![("x-forwarded-for", "127.0.0.1")], ("127.0.0.1", false)),
            ("127.0.0.9", "localhost", vec![], ("127.0.0.9", false)),
            ("10.1.1.1", "bots.example", vec![("forwarded", "for=192.0.2.1")], ("192.0.2.1", false)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            for (name, value) in &fields {
                headers.insert(*name, value.parse().unwrap());
            }
            let client = Client::of(peer.parse().unwrap(), &headers, &proxies).unwrap();
            let (address, is_local) = expected;
            assert_eq!(
                client,
                Client { address: address.parse().unwrap(), is_local },
                "{peer} {host} {fields:?}"
            );
        }
        let mut junk = HeaderMap::new();
        junk.insert("x-forwarded-for", "junk".parse().unwrap());
        assert!(Client::of("127.0.0.9".parse().unwrap(), &junk, &proxies).is_err());
    }
}
