//! What can be due.

use crate::{ActId, Destination, Key};
use carapace_effect::{OpId, RunId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Something that is due at a time. Each is named by what it is for, so that it is set once and taken back by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// An operation: `wait`, a backoff, a deadline.
    Operation {
        /// The run.
        run: RunId,
        /// The operation.
        op: OpId,
    },
    /// A run's `timeout`.
    Timeout {
        /// The run.
        run: RunId,
    },
    /// An act's next attempt.
    Resend {
        /// The act.
        act: ActId,
    },
    /// Something may be sent again that was not taken before.
    Outbox {
        /// From which account.
        account: Arc<str>,
        /// To which place; none: to all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Destination>,
    },
    /// The silence after an event.
    Debounce {
        /// The flow.
        flow: Arc<str>,
        /// `by`.
        key: Key,
    },
    /// A schedule's slot.
    Slot {
        /// The flow.
        flow: Arc<str>,
        /// Which of its triggers.
        trigger: u32,
    },
    /// A state's value that is to be forgotten.
    Forget {
        /// The state.
        state: Arc<str>,
        /// The key.
        key: Key,
    },
}
