//! What the door and the guard know.

use super::limiter::Failures;
use super::{Access, Client, Denied, Hosts, Limiter, Network, Rate, Refusal, household};
use crate::Options;
use crate::audit::{Act, Outcome};
use axum::http::StatusCode;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How often somebody may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Requests of one address (of IPv6, of one network of 64 bits). What is sent at this machine is not counted.
    pub address: Rate,
    /// Requests with one token.
    pub token: Rate,
    /// Requests to one channel, from other machines.
    pub channel: Rate,
    /// Tokens and codes of one address that let nobody in. After that it is shut out until the next one is due.
    pub failures: Rate,
}

impl Default for Rates {
    fn default() -> Rates {
        Rates {
            address: Rate::per_second(1_000, 100),
            token: Rate::per_second(1_000, 200),
            channel: Rate::per_second(5_000, 2_000),
            failures: Rate { burst: 10, every: Duration::from_secs(10) },
        }
    }
}

/// What the door and the guard know. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) hosts: Hosts,
    pub(crate) proxies: Vec<Network>,
    pub(crate) access: Access,
    pub(crate) addresses: Limiter<IpAddr>,
    pub(crate) tokens: Limiter<Arc<str>>,
    /// By where they are mounted.
    pub(crate) channels: Limiter<Arc<str>>,
    failures: Failures<IpAddr>,
}

impl Gate {
    pub(crate) fn new(options: &Options) -> Gate {
        Gate(Arc::new(Inner {
            hosts: Hosts::new(&options.hosts, &options.origins),
            proxies: options.proxies.clone(),
            access: options.access.clone(),
            addresses: Limiter::new(options.rates.address),
            tokens: Limiter::new(options.rates.token),
            channels: Limiter::new(options.rates.channel),
            failures: Failures::new(options.rates.failures),
        }))
    }

    /// Whether an address failed too often to be heard now.
    pub(crate) fn hear(&self, client: Client) -> Result<(), Refusal> {
        self.0.failures.check(&household(client.address)).map_err(Refusal::too_many)
    }

    /// Somebody came with a token that lets nobody in.
    pub(crate) fn denied(&self, client: Client, denied: &Denied) -> Refusal {
        let who = match denied {
            Denied::Expired(name) | Denied::Revoked(name) => name,
            Denied::Malformed(_) | Denied::Unknown | Denied::Ticket => "?",
        };
        let code = if *denied == Denied::Ticket { "E1140" } else { "E1022" };
        let refusal = Refusal::new(StatusCode::UNAUTHORIZED, code, denied.to_string());
        let refusal = refusal.help(match denied {
            Denied::Malformed(_) | Denied::Unknown => {
                "a token begins with `cpc_`; `carapace token list` says which there are"
            }
            Denied::Ticket => "`POST /v1/tickets` gives one for each WebSocket, for half a minute",
            Denied::Expired(_) | Denied::Revoked(_) => "`carapace token create` gives out a new one",
        });
        self.failed(client, (who, "authenticate"), refusal)
    }

    /// Somebody tried to come in, and failed: that is counted, and written down.
    pub(crate) fn failed(&self, client: Client, (who, what): (&str, &str), refusal: Refusal) -> Refusal {
        let refusal = self.0.failures.count(&household(client.address)).map_or(refusal, Refusal::too_many);
        self.refused(client, (who, what), &refusal);
        refusal
    }

    /// Writes down that somebody was turned away.
    pub(crate) fn refused(&self, client: Client, (who, what): (&str, &str), refusal: &Refusal) {
        self.turned_away(client, (who, what), None, refusal.code());
    }

    /// The same, with what it was about.
    pub(crate) fn turned_away(
        &self,
        client: Client,
        (who, what): (&str, &str),
        on: Option<String>,
        code: &'static str,
    ) {
        let access = self.0.access.clone();
        let act = Act {
            who: who.to_owned(),
            from: client.address.to_string(),
            what: what.to_owned(),
            on,
            outcome: Outcome::Refused(code.to_owned()),
        };
        // The disk is waited for elsewhere: whoever is turned away shall hold up nobody.
        tokio::task::spawn_blocking(move || access.audit().refused(act, access.now()));
    }
}

impl std::ops::Deref for Gate {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
