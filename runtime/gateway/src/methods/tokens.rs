//! Giving out tokens, and taking them back.

use super::{Methods, written};
use crate::auth::{Grant, Scope, Unchanged};
use crate::rpc::Fault;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fmt;

/// A text that nothing prints by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

impl Methods {
    pub(super) async fn create_token(
        &self,
        name: String,
        scopes: BTreeSet<Scope>,
        lives: Option<i64>,
        token: Option<Hidden>,
    ) -> Result<Json, Fault> {
        let access = self.access.clone();
        let grant = Grant { name, scopes, lives };
        let create = move || access.create(grant, token.as_ref().map(|token| token.0.as_str()));
        written(&on_disk(create).await?.map_err(|why| unchanged(&why))?)
    }

    pub(super) async fn offer(&self, scopes: BTreeSet<Scope>, lives: Option<i64>) -> Result<Json, Fault> {
        written(&self.access.offer(scopes, lives).map_err(|why| unchanged(&why))?)
    }

    pub(super) async fn revoke_token(&self, token: String) -> Result<Json, Fault> {
        let access = self.access.clone();
        written(&on_disk(move || access.revoke(&token)).await?.map_err(|why| unchanged(&why))?)
    }
}

/// Work that waits for the disk, where it holds up nobody.
pub(super) async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Fault::refused("E0941", "the runtime is ending", None))
}

fn unchanged(why: &Unchanged) -> Fault {
    let (code, help) = why.code();
    Fault::refused(code, why.to_string(), help)
}
