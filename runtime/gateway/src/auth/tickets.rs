//! Tickets: the word of whoever has a token, good for one WebSocket and a few seconds.
//!
//! A page cannot say `Authorization` when it opens a WebSocket, and an address is no place for a token. So whoever has one asks for a
//! ticket first, and says that among the protocols of the WebSocket, where headers are that nobody writes down.

use super::{Caller, Scope, hex, unhex};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;
use subtle::ConstantTimeEq as _;

/// The protocol that is spoken over a WebSocket of ours (RFC 6455, section 1.9).
pub(crate) const SUBPROTOCOL: &str = "carapace.v1";

/// What stands before a ticket among the protocols of a WebSocket.
pub(super) const BEFORE: &str = "ticket.";

/// How long a ticket counts: half a minute, in milliseconds.
const LIVES: i64 = 30_000;
/// Tickets of one token that count at the same time.
const MOST: usize = 32;

/// A ticket that was given. It is shown once.
#[derive(Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Ticket {
    /// The protocols to open the WebSocket with, as `new WebSocket(url, protocols)` takes them: the one that is spoken, and the ticket.
    pub protocols: Vec<String>,
    /// What its holder may do there.
    #[schema(value_type = Vec<String>)]
    pub scopes: BTreeSet<Scope>,
    /// Until when it counts, in milliseconds since 1970.
    pub expires: i64,
}

/// Why no ticket is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTicket {
    /// Whoever asks has no token.
    #[error("a ticket stands for a token, and none was shown")]
    NoToken,
    /// It would permit nothing.
    #[error("a ticket that permits nothing is of no use")]
    NoScope,
    /// It would permit more than the token does.
    #[error("the token does not permit `{0}`, so a ticket for it cannot")]
    Lacks(Scope),
    /// There are too many.
    #[error("{MOST} tickets of this token wait to be used")]
    Many,
    /// No random numbers.
    #[error("the system gives no random numbers, and without them a ticket could be guessed")]
    NoEntropy,
}

/// Tickets that wait to be used. None of them is written down: whoever asks after a restart asks for another.
#[derive(Debug, Default)]
pub(super) struct Tickets(Vec<Waiting>);

#[derive(Debug)]
struct Waiting {
    secret: Secret,
    until: i64,
    caller: Caller,
}

/// What makes a ticket hard to guess: 256 random bits.
#[derive(Clone, Copy)]
struct Secret([u8; 32]);

impl Tickets {
    /// A ticket for this caller, with fewer permissions where that is asked for.
    pub(super) fn give(
        &mut self,
        caller: &Caller,
        scopes: Option<BTreeSet<Scope>>,
        now: i64,
    ) -> Result<Ticket, NoTicket> {
        let Some(token) = caller.token() else { return Err(NoTicket::NoToken) };
        let scopes = scopes.unwrap_or_else(|| caller.scopes().clone());
        if let Some(lacking) = scopes.iter().find(|scope| !caller.may(**scope)) {
            return Err(NoTicket::Lacks(*lacking));
        }
        if scopes.is_empty() {
            return Err(NoTicket::NoScope);
        }
        self.0.retain(|waiting| waiting.until > now && !waiting.caller.is_over());
        if self.0.iter().filter(|waiting| waiting.caller.token() == Some(token)).count() >= MOST {
            return Err(NoTicket::Many);
        }
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).map_err(|_| NoTicket::NoEntropy)?;
        let expires = now.saturating_add(LIVES);
        let caller = caller.clone().only(scopes.clone());
        self.0.push(Waiting { secret: Secret(secret), until: expires, caller });
        let protocols = vec![SUBPROTOCOL.to_owned(), format!("{BEFORE}{}", hex(&secret))];
        Ok(Ticket { protocols, scopes, expires })
    }

    /// Who comes with this ticket; from here on it counts no more. All are looked at, so that the time it takes says nothing.
    pub(super) fn take(&mut self, text: &str, now: i64) -> Option<Caller> {
        let secret = unhex(text)?;
        let mut found = None;
        for (at, waiting) in self.0.iter().enumerate() {
            if waiting.secret.0.ct_eq(&secret).into() {
                found = Some(at);
            }
        }
        let waiting = self.0.swap_remove(found?);
        (waiting.until > now && !waiting.caller.is_over()).then_some(waiting.caller)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Access, Grant};
    use super::*;

    fn caller(access: &Access, name: &str) -> Caller {
        let grant = Grant { name: name.to_owned(), scopes: [Scope::Read, Scope::Chat].into(), lives: None };
        access.authenticate(&access.create(grant, None).unwrap().token).unwrap()
    }

    fn text(ticket: &Ticket) -> String {
        assert_eq!(ticket.protocols[0], SUBPROTOCOL);
        ticket.protocols[1].strip_prefix(BEFORE).unwrap().to_owned()
    }

    #[test]
    fn a_ticket_counts_once_and_not_for_long() {
        let (access, mut tickets) = (Access::default(), Tickets::default());
        let ana = caller(&access, "ana");
        let ticket = tickets.give(&ana, None, 1_000).unwrap();
        assert_eq!(ticket.expires, 1_000 + LIVES);
        assert!(!format!("{ticket:?} {tickets:?}").contains(&text(&ticket)));
        let who = tickets.take(&text(&ticket), 2_000).unwrap();
        assert!(who == ana && who.token() == ana.token() && who.may(Scope::Chat));
        assert!(tickets.take(&text(&ticket), 2_000).is_none(), "once");
        let late = tickets.give(&ana, None, 1_000).unwrap();
        assert!(tickets.take(&text(&late), 1_000 + LIVES).is_none(), "its time is over");
        assert!(tickets.0.is_empty(), "and nothing stays behind");
    }

    #[test]
    fn a_ticket_permits_no_more_than_the_token() {
        let (access, mut tickets) = (Access::default(), Tickets::default());
        let ana = caller(&access, "ana");
        let mut give = |scopes: &[Scope]| tickets.give(&ana, Some(scopes.iter().copied().collect()), 0);
        assert_eq!(give(&[Scope::Read, Scope::Admin]).unwrap_err(), NoTicket::Lacks(Scope::Admin));
        assert_eq!(give(&[]).unwrap_err(), NoTicket::NoScope);
        let ticket = give(&[Scope::Read]).unwrap();
        let who = tickets.take(&text(&ticket), 1).unwrap();
        assert!(who.may(Scope::Read) && !who.may(Scope::Chat));
        // Nor does one for a ticket: what was left out stays so.
        assert_eq!(
            tickets.give(&who, Some([Scope::Chat].into()), 1).unwrap_err(),
            NoTicket::Lacks(Scope::Chat)
        );
        assert_eq!(tickets.give(&Caller::local(), None, 0).unwrap_err(), NoTicket::NoToken);
    }

    #[test]
    fn a_ticket_is_over_with_its_token() {
        let (access, mut tickets) = (Access::default(), Tickets::default());
        let ana = caller(&access, "ana");
        let ticket = tickets.give(&ana, None, 0).unwrap();
        access.revoke("ana").unwrap();
        assert!(tickets.take(&text(&ticket), 1).is_none());
    }

    #[test]
    fn a_token_has_so_many_tickets_and_takes_none_of_others() {
        let (access, mut tickets) = (Access::default(), Tickets::default());
        let (ana, ben) = (caller(&access, "ana"), caller(&access, "ben"));
        for _ in 0..MOST {
            tickets.give(&ana, None, 0).unwrap();
        }
        assert_eq!(tickets.give(&ana, None, LIVES - 1).unwrap_err(), NoTicket::Many);
        assert!(tickets.give(&ben, None, 0).is_ok());
        assert!(tickets.give(&ana, None, LIVES).is_ok(), "those that count no more make room");
        for junk in ["", "x", &"0".repeat(64), &"é".repeat(32), &"f".repeat(65)] {
            assert!(tickets.take(junk, 0).is_none(), "{junk}");
        }
    }
}
