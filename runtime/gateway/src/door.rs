//! Who may come in at all: only requests that were sent to a name of ours, and not too many of them.

use crate::auth::{Client, Gate, Nonsense, Refusal, has_ours, household, in_address};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The address of ours at which a connection came in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Here(pub(crate) IpAddr);

/// What an answer says of a request that proved nothing, for whoever writes that down.
#[derive(Debug, Clone)]
pub(crate) struct Unproven {
    /// Which webhook it wanted: `shop/orders`.
    pub(crate) hook: String,
    pub(crate) code: &'static str,
}

/// Turns away what was sent to another name, or by somebody who asks too often. A page of a stranger whose name was made to point
/// to this machine (DNS rebinding) sends that name as `Host`.
pub(crate) async fn door(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let mut response = match enter(&gate, &request) {
        Ok(client) => {
            request.extensions_mut().insert(client);
            let mut response = next.run(request).await;
            if let Some(unproven) = response.extensions_mut().remove::<Unproven>() {
                gate.turned_away(client, ("?", "webhook"), Some(unproven.hook), unproven.code);
            }
            response
        }
        Err((client, refusal)) => {
            if refusal.status() != StatusCode::TOO_MANY_REQUESTS {
                gate.refused(client, ("?", "enter"), &refusal);
            }
            refusal.into_response()
        }
    };
    let headers = response.headers_mut();
    for (name, value) in
        [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "no-referrer")]
    {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Who sends it; or who is turned away, and why.
fn enter(gate: &Gate, request: &Request) -> Result<Client, (Client, Refusal)> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |ConnectInfo(peer)| peer.ip());
    // Until it is known what a proxy says of it.
    let unknown = Client { address: peer, is_local: false };
    let mut named = request.headers().get_all(header::HOST).iter();
    let host = match (named.next(), named.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        _ => "",
    };
    let here = request.extensions().get::<Here>().map(|here| here.0);
    if !gate.hosts.know(host, here) {
        let message = "this server does not answer to that name";
        let refusal = Refusal::new(StatusCode::MISDIRECTED_REQUEST, "E1026", message)
            .help("`hosts` in `carapace.json5` says to which names it answers");
        return Err((unknown, refusal));
    }
    let client = Client::of(peer, request.headers(), &gate.proxies);
    let client = client.map_err(|why| (unknown, nonsense(&why)))?;
    if has_ours(request.uri()) {
        return Err((client, in_address()));
    }
    if !client.is_local {
        let checked = gate.addresses.check(&household(client.address));
        checked.map_err(|wait| (client, Refusal::too_many(wait)))?;
    }
    Ok(client)
}

fn nonsense(why: &Nonsense) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "E1026", format!("the proxy does not say who sent this: {why}"))
        .help("a proxy sets one of `X-Forwarded-For` and `Forwarded`, and removes the other")
}
