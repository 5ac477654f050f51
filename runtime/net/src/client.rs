//! The client: from an address to an answer, by way of everything that may stand between them.

use crate::answer::Arriving;
use crate::error::code;
use crate::gate::Gate;
use crate::guard::{Admitted, Hosts, Policy, Target};
use crate::redirect::{Step, step};
use crate::resolve::{Resolver, System};
use crate::{Error, Limits, headers};
use carapace_channel_api::{ExposeSecret as _, SecretString};
use jiff::fmt::rfc2822;
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER,
};
use reqwest::{Method, redirect};
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Who asks, as every server hears it.
const AGENT: &str = concat!("carapace/", env!("CARGO_PKG_VERSION"));

/// So many servers' connections are kept for the next request.
const KEPT: usize = 64;

/// What can be chosen about the client.
#[derive(Clone)]
pub struct Options {
    /// What may be called.
    pub policy: Policy,
    /// How much is sent and taken.
    pub limits: Limits,
    /// Who knows the addresses of hosts.
    pub resolver: Arc<dyn Resolver>,
    /// Who else vouches for servers, besides those in whom browsers trust.
    pub roots: Vec<Authority>,
}

/// Somebody who vouches for servers: the certificate of an authority.
#[derive(Debug, Clone)]
pub struct Authority(reqwest::Certificate);

impl Authority {
    /// The certificates of a file in PEM; none where it holds none.
    pub fn read(pem: &[u8]) -> Option<Vec<Authority>> {
        let found = reqwest::Certificate::from_pem_bundle(pem).ok()?;
        // Each is tried: what is no certificate would only be noticed at the first request.
        let fits = |known: &reqwest::Certificate| {
            reqwest::Client::builder().no_proxy().add_root_certificate(known.clone()).build().is_ok()
        };
        (!found.is_empty() && found.iter().all(fits)).then(|| found.into_iter().map(Authority).collect())
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            policy: Policy::default(),
            limits: Limits::default(),
            resolver: Arc::new(System),
            roots: Vec::new(),
        }
    }
}

/// The one client. It is shared: connections and turns are everybody's.
pub struct Client {
    policy: Policy,
    limits: Limits,
    resolver: Arc<dyn Resolver>,
    roots: Vec<Authority>,
    gate: Gate,
    /// A client for each server and the addresses that it was found at: it knows no others.
    pinned: Mutex<HashMap<Pinned, reqwest::Client>>,
}

/// A server, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Pinned {
    host: String,
    port: u16,
    tls: bool,
    addresses: Vec<IpAddr>,
}

/// A request.
#[derive(Debug, Default)]
pub struct Call {
    /// How it is asked: `GET`, `POST`, `PUT` or `DELETE`.
    pub method: Method,
    /// The address.
    pub address: String,
    /// Headers, as a flow says them.
    pub headers: Vec<(String, String)>,
    /// What is sent, and its media type where the headers say none.
    pub body: Option<(Vec<u8>, &'static str)>,
    /// Sent as `Authorization: Bearer`, to this server alone.
    pub token: Option<SecretString>,
    /// Sent as `Idempotency-Key`.
    pub key: Option<String>,
    /// Where redirects may lead.
    pub hosts: Hosts,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status: 200 and so on.
    pub status: u16,
    /// Headers, names in lower case; what stood there several times is joined by commas.
    pub headers: BTreeMap<String, String>,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// Scheme, host and port of the one who answered.
    pub place: String,
}

impl Client {
    /// A client.
    pub fn new(options: Options) -> Client {
        let Options { policy, limits, resolver, roots } = options;
        let gate = Gate::new(limits.per_host);
        Client { policy, limits, resolver, roots, gate, pinned: Mutex::default() }
    }

    /// Asks, and takes all of the answer.
    ///
    /// # Errors
    /// Why there is none; each says whether the request may have arrived.
    pub async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut arriving = self.open(call, self.limits.body).await?;
        let body = arriving.whole().await?;
        let Arriving { status, headers, place, .. } = arriving;
        Ok(Answer { status, headers: told(&headers), body, place })
    }

    /// Asks, and looks at the beginning of the answer, of which so many bytes are taken.
    pub(crate) async fn open(&self, call: Call, most: u64) -> Result<Arriving, Error> {
        let until = Instant::now() + self.limits.total;
        let mut target = Target::of(&call.address)?;
        let mut headers = headers::checked(&call.headers, call.token.is_some())?;
        self.complete(&call, &target, &mut headers)?;
        for _ in 0..=self.limits.redirects {
            let arriving = self.ask(&call, &target, &headers, (until, most)).await?;
            let location = arriving.headers.get(LOCATION);
            match step(&target, &call.method, arriving.status, location, &call.hosts)? {
                Step::Stay => return later(arriving),
                Step::Follow(to) => {
                    if !to.same_origin(&target) {
                        headers = headers::across(&headers);
                    }
                    target = to;
                }
            }
        }
        let message = format!("`{}` redirects on and on", target.place());
        Err(Error::refused(code::REDIRECT, message))
    }

    /// Adds what the flow does not say itself.
    fn complete(&self, call: &Call, target: &Target, headers: &mut HeaderMap) -> Result<(), Error> {
        if let Some((body, media_type)) = &call.body {
            if body.len() as u64 > self.limits.sent {
                let message = format!("more than {} KiB are not sent", self.limits.sent / 1024);
                return Err(Error::refused(code::ANSWER, message));
            }
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(media_type));
        }
        if let Some(key) = call.key.as_ref().and_then(|key| HeaderValue::from_str(key).ok()) {
            headers.entry(headers::KEY).or_insert(key);
        }
        let Some(token) = &call.token else { return Ok(()) };
        if !target.tls && self.policy.admit(target)? != Admitted::Inside {
            let message = format!("no token is sent to `{}` without TLS", target.place());
            return Err(Error::refused(code::SECRET, message));
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
            .map_err(|_| Error::refused(code::SECRET, "the secret cannot stand in a header"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
        Ok(())
    }

    /// One request to one server.
    async fn ask(
        &self,
        call: &Call,
        target: &Target,
        headers: &HeaderMap,
        (until, most): (Instant, u64),
    ) -> Result<Arriving, Error> {
        let admitted = self.policy.admit(target)?;
        let place = target.place();
        let in_time = |what: &str| Error::Unreached { message: format!("`{place}`: {what} took too long") };
        let waiting = tokio::time::timeout_at(until, self.gate.enter(&place));
        let turn = waiting.await.map_err(|_| in_time("the wait for other requests to it"))?;
        let resolving = tokio::time::timeout_at(until, self.addresses(target, admitted));
        let addresses = resolving.await.map_err(|_| in_time("finding its address"))??;
        let client = self.pinned(target, addresses)?;
        let mut request = client
            .request(call.method.clone(), target.url.clone())
            .headers(headers.clone())
            .header(ACCEPT_ENCODING, "gzip");
        if let Some((body, _)) = &call.body {
            request = request.body(body.clone());
        }
        // A connection that takes too long is told apart from an answer that does: the first has a limit of its own.
        let patience = until.min(Instant::now() + self.limits.connect + self.limits.silence);
        let response = match tokio::time::timeout_at(patience, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(failed(&place, &error)),
            Err(_) => return Err(Error::unanswered(format!("`{place}` gave no answer in time"))),
        };
        let limits = Limits { body: most, ..self.limits.clone() };
        Arriving::new(response, place, limits, until, turn)
    }

    /// Where the target is, every address looked at.
    async fn addresses(&self, target: &Target, admitted: Admitted) -> Result<Vec<IpAddr>, Error> {
        let found =
            match target.ip {
                Some(ip) => vec![ip],
                None => self.resolver.resolve(&target.host).await.map_err(|e| Error::Unreached {
                    message: format!("`{}` is not found: {e}", target.host),
                })?,
            };
        if found.is_empty() {
            return Err(Error::Unreached { message: format!("`{}` has no address", target.host) });
        }
        // One that is not public is enough: a name with addresses of both kinds waits for the moment at which it can be the other.
        for ip in &found {
            Policy::connect(target, admitted, *ip)?;
        }
        Ok(found)
    }

    /// A client that knows the server by these addresses and asks nobody for others.
    fn pinned(&self, target: &Target, addresses: Vec<IpAddr>) -> Result<reqwest::Client, Error> {
        let mut known: Vec<IpAddr> = addresses.clone();
        known.sort_unstable();
        let key = Pinned { host: target.host.clone(), port: target.port, tls: target.tls, addresses: known };
        let mut pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = pinned.get(&key) {
            return Ok(client.clone());
        }
        let sockets: Vec<SocketAddr> = addresses.iter().map(|ip| SocketAddr::new(*ip, target.port)).collect();
        let headers = u32::try_from(self.limits.headers).unwrap_or(u32::MAX);
        let builder = self.roots.iter().fold(reqwest::Client::builder(), |builder, Authority(root)| {
            builder.add_root_certificate(root.clone())
        });
        let client = builder
            .user_agent(AGENT)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.limits.connect)
            .pool_max_idle_per_host(self.limits.per_host)
            .pool_idle_timeout(Duration::from_secs(30))
            .http2_max_header_list_size(headers)
            .resolve_to_addrs(&target.host, &sockets)
            .build()
            .map_err(|e| Error::Unreached { message: format!("no connection can be made: {e}") })?;
        if pinned.len() >= KEPT {
            pinned.clear();
        }
        pinned.insert(key, client.clone());
        Ok(client)
    }
}

/// A request that came to no answer: what went wrong first is what says whether it left.
fn failed(place: &str, error: &reqwest::Error) -> Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.is_connect() {
        return Error::Unreached { message: format!("`{place}` cannot be reached: {cause}") };
    }
    if error.is_builder() {
        return Error::refused(code::ADDRESS, format!("`{place}` cannot be asked that: {cause}"));
    }
    Error::unanswered(format!("`{place}` was asked, and the connection broke off: {cause}"))
}

/// An answer, unless it says that nothing was done and that later is better.
fn later(arriving: Arriving) -> Result<Arriving, Error> {
    let limited = arriving.status == 429;
    if !limited && arriving.status != 503 {
        return Ok(arriving);
    }
    let message = format!("`{}` answered {}", arriving.place, arriving.status);
    Err(Error::Later { message, limited, after: retry_after(&arriving.headers) })
}

/// For how long a server wants to be left alone (RFC 9110, section 10.2.3): in seconds, or until an instant, which is counted
/// from the server's own time where it says that.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::trim);
    let said = text(RETRY_AFTER)?;
    if let Ok(seconds) = said.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let instant = |text: &str| rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let now = text(DATE).and_then(instant).unwrap_or_else(jiff::Timestamp::now);
    // What is over already may be tried at once.
    Some(Duration::try_from(instant(said)?.duration_since(now)).unwrap_or_default())
}

/// Headers as a flow sees them. How the answer was packed is over.
fn told(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        if matches!(name.as_str(), "content-encoding" | "content-length" | "transfer-encoding") {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        let known = out.entry(name.as_str().to_owned()).or_default();
        if !known.is_empty() {
            known.push_str(", ");
        }
        known.push_str(&value);
    }
    out
}
