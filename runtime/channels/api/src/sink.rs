//! Where a channel puts what happened.

use crate::{Inbound, Receipt};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Takes events in. Given to a channel when it runs; the engine's side of the wall.
///
/// An adapter pushes the events of one conversation one after the other, in the platform's order, and moves its
/// cursor (or acknowledges a webhook) only behind what was answered with `Accepted` or `Duplicate`.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Answers when the event is durable, is known already, or cannot be taken now.
    async fn push(&self, inbound: Inbound) -> Acceptance;

    /// A message of ours got further. It may be lost: nothing but what people are shown depends on it.
    async fn receipt(&self, receipt: Receipt) {
        let _ = receipt;
    }

    /// Returns when everything that was pushed has come to rest: every run it started or resumed waits or is
    /// finished, and every operation they asked for has its outcome. A pipe has no person who reads an answer before
    /// typing the next line, so its channel waits here between lines; others have no use for it.
    async fn settled(&self) {}
}

/// What became of a pushed event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acceptance {
    /// Durable, at this sequence of the journal. It will not be lost.
    Accepted(u64),
    /// It came before and was taken then.
    Duplicate,
    /// Not taken. The channel keeps it and pushes it again, not before `retry_after`; nothing of the same
    /// conversation may overtake it. A channel that cannot keep it tells the platform so (a webhook answers 503).
    Refused {
        /// How long to wait.
        retry_after: Duration,
    },
}
