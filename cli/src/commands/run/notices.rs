//! What the runtime has to say while somebody may be typing.

use crate::output;
use carapace_channel_registry::Announcer;
use carapace_engine::inspect::Level;
use carapace_gateway::Notices as Kept;
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc;

/// Says lines to those who run it: above the prompt where there is one, else on standard error.
#[derive(Clone)]
pub(crate) struct Notices {
    lines: mpsc::UnboundedSender<String>,
    kept: Arc<Kept>,
    above: Arc<OnceLock<Announcer>>,
}

impl Notices {
    /// Begins; the cell is filled by the terminal that opens a prompt.
    pub(crate) fn start() -> Notices {
        let (lines, mut said) = mpsc::unbounded_channel::<String>();
        let above: Arc<OnceLock<Announcer>> = Arc::default();
        let cell = above.clone();
        tokio::spawn(async move {
            while let Some(line) = said.recv().await {
                let cell = cell.clone();
                // The prompt takes a line when it can, which may be a while; the order is kept.
                let told = tokio::task::spawn_blocking(move || match cell.get() {
                    Some(announce) => announce(format!("{line}\n")),
                    None => output::note(&line),
                });
                // A line that could not be shown is no reason to stop.
                let _ = told.await;
            }
        });
        Notices { lines, kept: Arc::default(), above }
    }

    /// Where the terminal leaves the way to its prompt.
    pub(crate) fn announcer(&self) -> Arc<OnceLock<Announcer>> {
        self.above.clone()
    }

    /// What was said, for those who ask later.
    pub(crate) fn kept(&self) -> Arc<Kept> {
        self.kept.clone()
    }

    /// Says how things go.
    pub(crate) fn tell(&self, line: impl Into<String>) {
        self.say(Level::Info, line.into());
    }

    /// Says what a person should see to.
    pub(crate) fn warn(&self, line: impl Into<String>) {
        self.say(Level::Warning, line.into());
    }

    /// Shows what stands in the journal as well, and need not be kept again.
    pub(crate) fn show(&self, line: impl Into<String>) {
        // After the end nobody listens.
        let _ = self.lines.send(line.into());
    }

    fn say(&self, level: Level, line: String) {
        self.kept.keep(level, line.clone());
        self.show(line);
    }
}
