//! What can be chosen about the gateway.

use crate::Pace;
use crate::auth::{Access, Network, Rates};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// What can be chosen about the gateway. The limits are for one machine's browser tabs and a few tools; none of
/// them is reached by honest use.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Names it answers to besides `localhost` and the loopback addresses, without a port.
    pub hosts: Vec<String>,
    /// Proxies that hand requests on: what they say of the sender is believed. None of what they hand on is of this machine.
    pub proxies: Vec<Network>,
    /// Whole origins (`https://ui.example`) whose pages may ask guarded routes, with a token.
    pub origins: Vec<String>,
    /// Who has access.
    pub access: Access,
    /// How often somebody may ask.
    pub rates: Rates,
    /// Connections at the same time; more wait outside. One that became a WebSocket is counted by the channel that
    /// took it over.
    pub connections: usize,
    /// Connections of one address (of IPv6, of one network of 64 bits) at the same time; of a proxy, as many as there are. One
    /// more is turned away.
    pub connections_each: usize,
    /// Bytes of a request's head. More is answered with 431.
    pub head_bytes: usize,
    /// Header fields of a request. More is answered with 431.
    pub headers: usize,
    /// How long a request's head may take to arrive.
    pub head_time: Duration,
    /// Bytes of a request's body that a route reads whole. A route that takes files has its own cap.
    pub body_bytes: usize,
    /// How slowly a request's body may come.
    pub body_pace: Pace,
    /// How slowly an answer may be read.
    pub read_pace: Pace,
    /// How long requests in flight may take when the gateway ends.
    pub drain: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7171)),
            hosts: Vec::new(),
            proxies: Vec::new(),
            origins: Vec::new(),
            access: Access::default(),
            rates: Rates::default(),
            connections: 1024,
            connections_each: 256,
            head_bytes: 32 * 1024,
            headers: 64,
            head_time: Duration::from_secs(10),
            body_bytes: 1024 * 1024,
            body_pace: Pace { patience: Duration::from_secs(20), bytes: 1024 },
            read_pace: Pace { patience: Duration::from_secs(30), bytes: 1024 },
            drain: Duration::from_secs(5),
        }
    }
}
