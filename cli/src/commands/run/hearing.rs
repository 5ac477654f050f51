//! Channels that listen, and the end of that.

use super::intake::Intake;
use super::notices::Notices;
use crate::output;
use carapace_channel_api::{Channel, Ended, Shutdown, ShutdownHandle, Sink};
use carapace_engine::service::Handle;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long the end waits for what is still going on.
const DRAIN: Duration = Duration::from_secs(10);

/// Lets every channel listen, and tells the engine how each is.
pub(crate) fn listen(
    channels: &[Arc<dyn Channel>],
    engine: &Handle,
    hearing: &Shutdown,
    notices: &Notices,
) -> JoinSet<Option<Ended>> {
    let mut listening = JoinSet::new();
    for channel in channels {
        let (watched, engine_too) = (channel.clone(), engine.clone());
        tokio::spawn(async move {
            let account: Arc<str> = watched.account().as_str().into();
            let mut status = watched.status();
            loop {
                let caught_up = status.borrow_and_update().health.is_caught_up();
                if engine_too.channel(account.clone(), caught_up).await.is_err()
                    || status.changed().await.is_err()
                {
                    return;
                }
            }
        });
        let (channel, hearing, notices) = (channel.clone(), hearing.clone(), notices.clone());
        let sink: Arc<dyn Sink> = Arc::new(Intake(engine.clone()));
        listening.spawn(carapace_delivery::listen(channel, sink, hearing, move |line| notices.warn(line)));
    }
    listening
}

/// Stops hearing, and lets what was heard come to rest, for a while.
pub(crate) async fn wind_down(stop: ShutdownHandle, mut listening: JoinSet<Option<Ended>>, engine: &Handle) {
    stop.request();
    let rest = async {
        while listening.join_next().await.is_some() {}
        engine.settled().await;
    };
    if tokio::time::timeout(DRAIN, rest).await.is_err() {
        output::note("some of what was going on had no end yet; the next start goes on with it");
    }
}
