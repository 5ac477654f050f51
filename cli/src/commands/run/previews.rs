//! From those who ask models to those who show answers, and from these to the engine.

use carapace_agent::{Delta, Progress};
use carapace_delivery::{Previewed, Words};
use carapace_engine::record;
use carapace_engine::service::Handle;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

/// A step of an exchange: of other questions to models nobody sees the answer before the flow does.
const STEP: &str = "exchange.think";

/// Hands on what models write, until they end.
pub(crate) async fn show(mut progress: Receiver<Progress>, delivery: carapace_delivery::Handle) {
    loop {
        match progress.recv().await {
            Ok(Progress { run, op, attempt, effect, delta, .. }) if *effect == *STEP => {
                let words = match delta {
                    Delta::Text(text) => Words::Text(text),
                    Delta::Again => Words::Again,
                    Delta::Over => Words::Over,
                };
                delivery.written(run, op, attempt, words);
            }
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => delivery.lost(),
            Err(RecvError::Closed) => return,
        }
    }
}

/// Has the engine keep in mind which messages show answers that are not finished, as it is told.
pub(crate) fn keep(engine: Handle) -> mpsc::UnboundedSender<Previewed> {
    let (tell, mut previewed) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(Previewed { run, op, message }) = previewed.recv().await {
            let message = message.map(|message| message.as_str().into());
            if engine.previewed(record::Previewed { run, op, message }).await.is_err() {
                return;
            }
        }
    });
    tell
}
