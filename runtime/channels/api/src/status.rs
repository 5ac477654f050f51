//! Whether a channel hears and is heard. A channel that is "connected" but deaf must not look healthy.

use crate::UnixMillis;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// A channel's state as it sees itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What it is doing.
    pub health: Health,
    /// When the platform last gave a sign of life (an event, a heartbeat's answer, an empty poll).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<UnixMillis>,
}

/// What a channel is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Health {
    /// Not connected yet.
    Starting,
    /// Connected; what piled up while it was away is still coming in. Deadlines do not fire yet.
    CatchingUp,
    /// Everything that piled up was pushed; from here on it is live.
    CaughtUp,
    /// Trying to come back.
    Down {
        /// Why, for a person: lower case, no full stop.
        reason: String,
    },
    /// It ended and does not come back by itself.
    Stopped,
}

impl Health {
    /// Whether deadlines on this channel may fire.
    pub fn is_caught_up(&self) -> bool {
        matches!(self, Health::CaughtUp)
    }
}

/// The channel's own end of its status.
#[derive(Debug)]
pub struct StatusCell(watch::Sender<Status>);

impl Default for StatusCell {
    fn default() -> StatusCell {
        StatusCell(watch::Sender::new(Status { health: Health::Starting, heard: None }))
    }
}

impl StatusCell {
    /// Says what it is doing now.
    pub fn set(&self, health: Health) {
        self.0.send_if_modified(|status| {
            let changed = status.health != health;
            status.health = health;
            changed
        });
    }

    /// Says that the platform gave a sign of life.
    pub fn heard(&self) {
        self.0.send_modify(|status| status.heard = Some(UnixMillis::now()));
    }

    /// For everybody else.
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.0.subscribe()
    }
}
