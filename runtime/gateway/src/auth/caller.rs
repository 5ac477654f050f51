//! Who sent a request, once that is known.

use super::Scope;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use carapace_channel_api::Shutdown;
use carapace_engine::service::Clock;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// What the person at this machine is called; no token is.
pub(super) const LOCAL: &str = "local";

/// Who sent a request. Only a guarded route has one.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The name under which what they do is written down.
    pub name: Arc<str>,
    /// From where, for the audit log: an address, or `control socket`.
    pub from: Arc<str>,
    scopes: BTreeSet<Scope>,
    /// The token that says so; none for the person at this machine.
    token: Option<Held>,
}

/// The token that somebody came with.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) id: Arc<str>,
    /// Until when it counts.
    pub(super) expires: Option<i64>,
    /// Hears when it is taken back.
    pub(super) revoked: Shutdown,
    pub(super) clock: Clock,
}

impl Caller {
    /// Somebody with these permissions.
    pub fn new(name: impl Into<Arc<str>>, scopes: impl IntoIterator<Item = Scope>) -> Caller {
        Caller { name: name.into(), from: "".into(), scopes: scopes.into_iter().collect(), token: None }
    }

    /// The person at this machine.
    pub fn local() -> Caller {
        Caller::new(LOCAL, Scope::ALL)
    }

    /// The same, from there.
    #[must_use]
    pub fn coming_from(self, from: impl Into<Arc<str>>) -> Caller {
        Caller { from: from.into(), ..self }
    }

    pub(super) fn holding(self, held: Held) -> Caller {
        Caller { token: Some(held), ..self }
    }

    /// The same, with these permissions.
    pub(super) fn only(self, scopes: BTreeSet<Scope>) -> Caller {
        Caller { scopes, ..self }
    }

    /// Their permissions, as long as their token counts.
    pub(super) fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    /// Whether they may do that: they have the permission, and their token still counts. Whoever keeps a caller for longer
    /// than a request asks this again each time.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope) && !self.is_over()
    }

    /// The short name of their token; none for the person at this machine.
    pub fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|held| &*held.id)
    }

    /// Whether their token was taken back, or its time is over.
    pub fn is_over(&self) -> bool {
        self.token.as_ref().is_some_and(|held| {
            held.revoked.is_requested() || held.expires.is_some_and(|expires| expires <= held.clock.now())
        })
    }

    /// Returns when their token is taken back or its time is over; never for the person at this machine. For connections
    /// that outlive a request: they end then.
    pub async fn over(&self) {
        let Some(held) = &self.token else { return std::future::pending().await };
        let time = async {
            let Some(expires) = held.expires else { return std::future::pending().await };
            loop {
                let left = expires.saturating_sub(held.clock.now());
                let Ok(left @ 1..) = u64::try_from(left) else { return };
                // The clock may be set meanwhile.
                tokio::time::sleep(Duration::from_millis(left.min(60_000))).await;
            }
        };
        tokio::select! {
            () = held.revoked.requested() => {}
            () = time => {}
        }
    }
}

impl PartialEq for Caller {
    fn eq(&self, other: &Caller) -> bool {
        self.name == other.name && self.scopes == other.scopes && self.token() == other.token()
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, StatusCode> {
        parts.extensions.get::<Caller>().cloned().ok_or(StatusCode::UNAUTHORIZED)
    }
}
