//! Whoever started the process and wants to know how it is: systemd, through the socket that it names (sd_notify(3)).

use carapace_channel_api::{Channel, Health};
use carapace_engine::service::Handle;
use std::sync::Arc;
use std::time::Duration;

/// How long channels may take before the runtime counts as ready all the same: one network that is away holds up no other.
const STARTING: Duration = Duration::from_secs(30);

/// Says that the runtime is ready once its channels listen, and from then on that it lives, where somebody wants to know.
pub(super) async fn tell(channels: Vec<Arc<dyn Channel>>, engine: Handle) {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    let listening = async {
        for channel in &channels {
            let mut status = channel.status();
            // A channel that is gone says nothing any more.
            let _ = status.wait_for(|status| status.health != Health::Starting).await;
        }
    };
    let _ = tokio::time::timeout(STARTING, listening).await;
    say("READY=1\nSTATUS=serving");
    let wanted = std::env::var("WATCHDOG_USEC").ok().and_then(|text| text.parse::<u64>().ok());
    let Some(every) = wanted.filter(|every| *every > 0) else { return };
    let mut ticks = tokio::time::interval(Duration::from_micros(every / 3));
    loop {
        ticks.tick().await;
        // An engine that hangs does not answer this.
        if engine.look(|_| ()).await.is_err() {
            return;
        }
        say("WATCHDOG=1");
    }
}

/// Says that the end has begun.
pub(super) fn ending() {
    say("STOPPING=1\nSTATUS=ending");
}

#[cfg(target_os = "linux")]
fn say(what: &str) {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let told = || -> std::io::Result<()> {
        let address = match name.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(&name)?,
        };
        UnixDatagram::unbound()?.send_to_addr(what.as_bytes(), &address).map(drop)
    };
    if let Err(error) = told() {
        tracing::warn!(%error, "whoever started this could not be told how it is");
    }
}

#[cfg(not(target_os = "linux"))]
fn say(_: &str) {}
