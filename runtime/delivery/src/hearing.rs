//! Seeing to it that a channel listens: one that broke down, or is connected and hears nothing, begins anew, alone.

use carapace_channel_api::{Channel, Ended, Error, Health, Shutdown, Sink};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// The first pause before a channel begins anew, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// A channel that listened for so long begins anew as if it never had trouble.
const SOUND: Duration = Duration::from_secs(600);

/// How long a channel rests whose credentials are not taken: a person may set others while everything runs.
const CREDENTIALS: Duration = Duration::from_secs(3);

/// How long a deaf channel may take to end.
const FAREWELL: Duration = Duration::from_secs(10);

/// Lets a channel listen until `shutdown`, or until it has nothing more to hear. One that breaks down, or that gives no
/// sign of life for as long as it promised to, begins anew after a pause, which grows; `tell` hears of that, in words for
/// those who run it. One whose credentials are not taken is told of once, and begins anew soon after there are others. None where only another
/// configuration can mend it.
pub async fn listen(
    channel: Arc<dyn Channel>,
    sink: Arc<dyn Sink>,
    shutdown: Shutdown,
    tell: impl Fn(String),
) -> Option<Ended> {
    let account = channel.account().clone();
    let mut pause = PAUSES.0;
    let mut refused = None;
    loop {
        let begun = Instant::now();
        let why = match once(&channel, &sink, &shutdown).await {
            Came::Ended(ended) => return Some(ended),
            Came::Failed(error @ Error::Io { .. }) => error.to_string(),
            Came::Failed(error @ Error::Unauthorized { .. }) => {
                let why = error.to_string();
                if refused.as_ref() != Some(&why) {
                    tell(format!("{why}; it begins anew by itself once that is mended"));
                    refused = Some(why);
                }
                tokio::select! {
                    () = shutdown.requested() => return Some(Ended::Asked),
                    () = sleep(CREDENTIALS) => continue,
                }
            }
            Came::Failed(error) => {
                tell(error.to_string());
                return None;
            }
            Came::Deaf(silence) => {
                format!("`{account}` is connected and has heard nothing for {} s", silence.as_secs())
            }
            Came::Broken => format!("`{account}` broke down"),
        };
        if begun.elapsed() >= SOUND {
            pause = PAUSES.0;
        }
        tell(format!("{why}; it begins anew in {} s", pause.as_secs()));
        tokio::select! {
            () = shutdown.requested() => return Some(Ended::Asked),
            () = sleep(pause) => {}
        }
        pause = pause.saturating_mul(2).min(PAUSES.1);
    }
}

/// What came of listening.
enum Came {
    Ended(Ended),
    Failed(Error),
    Deaf(Duration),
    Broken,
}

async fn once(channel: &Arc<dyn Channel>, sink: &Arc<dyn Sink>, shutdown: &Shutdown) -> Came {
    let (stop, stopped) = Shutdown::new();
    let (running, sink) = (channel.clone(), sink.clone());
    // On a task of its own, so that an adapter that breaks down takes nobody with it.
    let mut run = tokio::spawn(async move { running.run(sink, stopped).await });
    let deaf = tokio::select! {
        ended = &mut run => return came(ended),
        () = shutdown.requested() => None,
        silence = deaf(&**channel) => Some(silence),
    };
    stop.request();
    let Some(silence) = deaf else { return came(run.await) };
    if timeout(FAREWELL, &mut run).await.is_err() {
        run.abort();
        // Gone when this returns, so that the next has its place.
        let _ = run.await;
    }
    Came::Deaf(silence)
}

fn came(ended: Result<Result<Ended, Error>, tokio::task::JoinError>) -> Came {
    match ended {
        Ok(Ok(ended)) => Came::Ended(ended),
        Ok(Err(error)) => Came::Failed(error),
        Err(_) => Came::Broken,
    }
}

/// Returns when the channel says that it is connected, and gave no sign of life for as long as it promised to.
async fn deaf(channel: &dyn Channel) -> Duration {
    let Some(silence) = channel.silence() else { return std::future::pending().await };
    let mut status = channel.status();
    loop {
        let connected = matches!(status.borrow_and_update().health, Health::CatchingUp | Health::CaughtUp);
        // Whatever changes is a sign of life; one that is down says so itself.
        match timeout(silence, status.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return std::future::pending().await,
            Err(_) if connected => return silence,
            Err(_) => {}
        }
    }
}
