//! Who asks, and what they may.
//!
//! What is served beside the channels' own routes is guarded: a request reaches it with a [`Caller`], and each route says which
//! [`Scope`] it wants. Whoever sends a request at this machine needs no token; everybody else does, and so does what a proxy
//! hands on. A page that a browser shows is believed only where it came from here, which its `Origin` says.

mod access;
mod bearer;
mod book;
mod caller;
mod client;
mod forwarded;
mod gate;
mod guard;
mod hosts;
mod keep;
mod limiter;
mod network;
mod pair;
mod pairing;
mod refusal;
mod scope;
mod ticket;
mod tickets;
mod token;
mod weak;

pub use access::{Access, Denied, Made, Shown, Unchanged, Unpaired};
pub(crate) use bearer::{has_ours, is_in_address};
pub use book::{Book, Entry, Grant, Refused, Standing};
pub use caller::Caller;
pub use client::Client;
pub(crate) use forwarded::Nonsense;
pub(crate) use gate::Gate;
pub use gate::Rates;
pub(crate) use guard::{browsers, guard, in_address};
pub(crate) use hosts::{Hosts, Page};
pub use keep::Error;
pub(crate) use keep::{make_private, private, sync_folder};
pub use limiter::{Limiter, Rate};
pub(crate) use network::household;
pub use network::{Network, NoNetwork};
pub(crate) use pair::pair;
pub use pairing::Offer;
pub use refusal::Refusal;
pub use scope::{NoScope, Scope};
pub(crate) use ticket::ticket;
pub(crate) use tickets::SUBPROTOCOL;
pub use tickets::{NoTicket, Ticket};
pub use token::{Malformed, PREFIX, Token, TokenHash};
pub use weak::{Weak, weakness};

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 32 bytes that were written as hexadecimal digits.
pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        let start = at.checked_mul(2)?;
        *byte = u8::from_str_radix(text.get(start..start.checked_add(2)?)?, 16).ok()?;
    }
    Some(bytes)
}
