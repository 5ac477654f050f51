//! What the runtime has to say while somebody may be typing.

use crate::log::{self, Above, Choice, Log};
use crate::output;
use carapace_engine::inspect::Level;
use carapace_gateway::Notices as Kept;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Says lines to those who run it: above the prompt where there is one, else on standard error; as lines of the log where that
/// is for programs.
#[derive(Clone)]
pub(crate) struct Notices {
    lines: mpsc::UnboundedSender<String>,
    kept: Arc<Kept>,
    log: Log,
}

impl Notices {
    /// Begins.
    pub(crate) fn start(log: &Log) -> Notices {
        let (lines, mut said) = mpsc::unbounded_channel::<String>();
        let above = log.above();
        tokio::spawn(async move {
            while let Some(line) = said.recv().await {
                let above = above.clone();
                // The prompt takes a line when it can, which may be a while; the order is kept.
                let told = tokio::task::spawn_blocking(move || match above.get() {
                    Some(announce) => announce(format!("{line}\n")),
                    None => output::note(&line),
                });
                // A line that could not be shown is no reason to stop.
                let _ = told.await;
            }
        });
        Notices { lines, kept: Arc::default(), log: log.clone() }
    }

    /// Where the terminal leaves the way to its prompt.
    pub(crate) fn announcer(&self) -> Above {
        self.log.above()
    }

    /// From now on the log is like this.
    pub(crate) fn choose_log(&self, choice: Choice) {
        self.log.choose(choice);
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

    /// Shows what stands in the journal as well, and need not be kept again: as this line or, where the log is for programs, as
    /// what `told` says.
    pub(crate) fn show(&self, line: impl FnOnce() -> String, told: impl FnOnce()) {
        if log::is_structured() {
            return told();
        }
        // After the end nobody listens.
        let _ = self.lines.send(line());
    }

    fn say(&self, level: Level, line: String) {
        if log::is_structured() {
            match level {
                Level::Debug => tracing::debug!(target: "carapace::notice", "{line}"),
                Level::Info => tracing::info!(target: "carapace::notice", "{line}"),
                Level::Warning => tracing::warn!(target: "carapace::notice", "{line}"),
                Level::Error => tracing::error!(target: "carapace::notice", "{line}"),
            }
        } else {
            // After the end nobody listens.
            let _ = self.lines.send(line.clone());
        }
        self.kept.keep(level, line);
    }
}
