//! The engine, alive.

use crate::problem::Problem;
use carapace_channel_api::{Shutdown, ShutdownHandle};
use carapace_engine::service::{Error, Service};

/// The engine on a thread of its own, so that code that runs for long holds up no channel.
pub(crate) fn engine(
    service: Service,
) -> Result<(ShutdownHandle, impl Future<Output = Result<(), Error>>), Problem> {
    let (stop, asked) = Shutdown::new();
    let (tell, ended) = tokio::sync::oneshot::channel();
    let failed =
        |e: std::io::Error| Problem::new("E0936", format!("the engine's thread could not be started: {e}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(failed)?;
    std::thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            let result = runtime.block_on(service.run(async move { asked.requested().await }));
            // Whoever waits for it is there as long as the process is.
            let _ = tell.send(result);
        })
        .map_err(failed)?;
    // A thread that is gone without a word has panicked, and said so itself; the journal is sound.
    Ok((stop, async move { ended.await.unwrap_or(Ok(())) }))
}

/// What the engine's end means for the command.
pub(crate) fn stopped(ended: Result<(), Error>) -> Result<(), Problem> {
    ended.map_err(|e| {
        Problem::new("E0936", format!("the runtime had to stop: {e}"))
            .help("what it told anybody is in the journal; a start goes on from there")
    })
}
