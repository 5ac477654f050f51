//! Channels that listen, each until it is told to stop.

use super::channels::Said;
use super::intake::Intake;
use super::notices::Notices;
use crate::output;
use carapace_channel_api::{Channel, Ended, Mount, Shutdown, ShutdownHandle, Sink};
use carapace_channel_registry::Settings;
use carapace_engine::service::Handle;
use carapace_gateway::{Gates, Hears};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How long the end waits for what is still going on.
const DRAIN: Duration = Duration::from_secs(10);

/// The channels that listen.
pub(crate) struct Hearing {
    engine: Handle,
    notices: Notices,
    open: BTreeMap<Arc<str>, Listening>,
    ended: mpsc::UnboundedSender<Ended>,
}

struct Listening {
    said: Said,
    channel: Arc<dyn Channel>,
    stop: ShutdownHandle,
    task: JoinHandle<()>,
}

impl Hearing {
    /// Lets these listen, and tells the engine how each is. What ends by itself is told.
    pub(crate) fn start(
        channels: Vec<(Said, Arc<dyn Channel>)>,
        engine: Handle,
        notices: Notices,
    ) -> (Hearing, mpsc::UnboundedReceiver<Ended>) {
        let (ended, told) = mpsc::unbounded_channel();
        let mut hearing = Hearing { engine, notices, open: BTreeMap::new(), ended };
        for (said, channel) in channels {
            hearing.add(said, channel);
        }
        (hearing, told)
    }

    /// Lets one more listen.
    pub(crate) fn add(&mut self, said: Said, channel: Arc<dyn Channel>) {
        let (stop, hearing) = Shutdown::new();
        tokio::spawn(health(channel.clone(), self.engine.clone()));
        let (notices, ended) = (self.notices.clone(), self.ended.clone());
        let sink: Arc<dyn Sink> = Arc::new(Intake(self.engine.clone()));
        let listening =
            carapace_delivery::listen(channel.clone(), sink, hearing, move |line| notices.warn(line));
        let task = tokio::spawn(async move {
            if let Some(how) = listening.await {
                // At the end nobody asks any more.
                let _ = ended.send(how);
            }
        });
        self.open.insert(said.name.clone(), Listening { said, channel, stop, task });
    }

    /// Lets one stop, and waits until it has. Gives what was said of it.
    pub(crate) async fn remove(&mut self, name: &str) -> Option<Said> {
        let Listening { said, stop, task, .. } = self.open.remove(name)?;
        stop.request();
        // One that does not come to an end is left to itself.
        let _ = tokio::time::timeout(DRAIN, task).await;
        Some(said)
    }

    /// Whether there is one of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.open.contains_key(name)
    }

    /// Whether it is as these settings say.
    pub(crate) fn is(&self, name: &str, settings: &Settings) -> bool {
        self.open.get(name).is_some_and(|listening| listening.said.settings == *settings)
    }

    /// All names.
    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        self.open.keys().cloned().collect()
    }

    /// All channels.
    pub(crate) fn channels(&self) -> Vec<Arc<dyn Channel>> {
        self.open.values().map(|listening| listening.channel.clone()).collect()
    }

    /// What those that are none of these want to be served.
    pub(crate) fn mounts_without(&self, gone: &[Arc<str>]) -> Vec<Mount> {
        let stay = self.open.iter().filter(|(name, _)| !gone.contains(name));
        stay.filter_map(|(_, listening)| listening.channel.http()).collect()
    }

    /// Stops hearing, and lets what was heard come to rest, for a while.
    pub(crate) async fn wind_down(self) {
        self.open.values().for_each(|listening| listening.stop.request());
        let rest = async {
            for listening in self.open.into_values() {
                // One that panicked has said so.
                let _ = listening.task.await;
            }
            self.engine.settled().await;
        };
        if tokio::time::timeout(DRAIN, rest).await.is_err() {
            output::note("some of what was going on had no end yet; the next start goes on with it");
        }
    }
}

/// Of which channels it can be said whether they hear.
pub(super) fn hears<'c>(channels: impl IntoIterator<Item = &'c Arc<dyn Channel>>) -> Vec<Hears> {
    let of = |channel: &Arc<dyn Channel>| Hears {
        account: channel.account().as_str().to_owned(),
        status: channel.status(),
    };
    channels.into_iter().map(of).collect()
}

/// The gates of channels that have one.
pub(super) fn gates<'c>(channels: impl IntoIterator<Item = &'c Arc<dyn Channel>>) -> Gates {
    let of = |channel: &Arc<dyn Channel>| Some((channel.account().to_string(), channel.access()?));
    channels.into_iter().filter_map(of).collect()
}

/// Tells the engine how a channel is, for as long as there is one.
async fn health(channel: Arc<dyn Channel>, engine: Handle) {
    let account: Arc<str> = channel.account().as_str().into();
    let mut status = channel.status();
    // What it was told by must not keep it alive.
    drop(channel);
    loop {
        let caught_up = status.borrow_and_update().health.is_caught_up();
        if engine.channel(account.clone(), caught_up).await.is_err() || status.changed().await.is_err() {
            return;
        }
    }
}
