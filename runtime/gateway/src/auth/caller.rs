//! Who sent a request, once that is known.

use super::Scope;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Who sent a request. Only a guarded route has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The name under which what they do is written down.
    pub name: Arc<str>,
    scopes: BTreeSet<Scope>,
}

impl Caller {
    /// Somebody with these permissions.
    pub fn new(name: impl Into<Arc<str>>, scopes: impl IntoIterator<Item = Scope>) -> Caller {
        Caller { name: name.into(), scopes: scopes.into_iter().collect() }
    }

    /// The person at this machine.
    pub fn local() -> Caller {
        Caller::new("local", Scope::ALL)
    }

    /// Whether they may do that.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, StatusCode> {
        parts.extensions.get::<Caller>().cloned().ok_or(StatusCode::UNAUTHORIZED)
    }
}
