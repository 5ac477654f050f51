//! The channels, as far as they say whether they hear.

use carapace_channel_api::Status;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// A channel, as far as it says whether it hears.
#[derive(Debug, Clone)]
pub struct Hears {
    /// Its account.
    pub account: String,
    /// What it says.
    pub status: watch::Receiver<Status>,
}

/// The channels that there are now: accounts come and go while a runtime runs. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Listeners(Arc<RwLock<Vec<Hears>>>);

impl Listeners {
    /// These.
    pub fn new(channels: Vec<Hears>) -> Listeners {
        Listeners(Arc::new(RwLock::new(channels)))
    }

    /// From now on there are these.
    pub fn set(&self, channels: Vec<Hears>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = channels;
    }

    pub(super) fn all(&self) -> Vec<Hears> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
