//! The log of a process: what its parts have to say to those who run it, on standard error, for people or for programs.
//!
//! Only our own crates are heard at the level that is chosen. Others are heard where something of theirs broke, whatever is
//! chosen: they are many, and what they know of secrets and of people no type of ours keeps from being shown.

mod choice;
mod lines;
mod own;
mod shape;

pub(crate) use choice::{Choice, LogFormat, LogLevel};
pub(crate) use lines::Above;
pub(crate) use own::{finding, note, problem};

use lines::Lines;
use shape::Shape;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry, reload};

/// What the names of our own crates begin with.
const OURS: &str = "carapace";

/// Whether everything on standard error is for programs: one JSON object a line.
static STRUCTURED: AtomicBool = AtomicBool::new(false);

/// The log, begun.
#[derive(Clone)]
pub(crate) struct Log {
    level: reload::Handle<Targets, Registry>,
    lines: Lines,
    above: Above,
}

/// Whether everything on standard error is for programs.
pub(crate) fn is_structured() -> bool {
    STRUCTURED.load(Ordering::Relaxed)
}

impl Log {
    /// Begins: there is one in a process.
    pub(crate) fn begin(choice: Choice) -> Log {
        STRUCTURED.store(choice.format == LogFormat::Json, Ordering::Relaxed);
        let above = Above::default();
        let lines = Lines::start(above.clone());
        let (filter, level) = reload::Layer::new(heard(choice.level));
        let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let layer = tracing_subscriber::fmt::layer()
            .event_format(Shape::new())
            .with_ansi(colours)
            .with_writer(lines.clone())
            .with_filter(filter);
        // Another one is there in a test at most, and goes on then.
        let _ = tracing_subscriber::registry().with(layer).try_init();
        Log { level, lines, above }
    }

    /// From now on it is as this says.
    pub(crate) fn choose(&self, choice: Choice) {
        STRUCTURED.store(choice.format == LogFormat::Json, Ordering::Relaxed);
        // It fails where another log was begun first, which goes on as it is.
        let _ = self.level.reload(heard(choice.level));
    }

    /// Where a terminal leaves the way to the place above its prompt.
    pub(crate) fn above(&self) -> Above {
        Arc::clone(&self.above)
    }

    /// Returns once what was said is written, or nobody reads it.
    pub(crate) fn flush(&self) {
        self.lines.flush();
    }
}

/// Who says of everything that goes wrong on a connection that it broke: what matters of it we say ourselves, with the server's name.
const TOLD_BY_US: &str = "rmcp";

/// Who is heard at a level.
fn heard(level: LogLevel) -> Targets {
    let level = level.filter();
    Targets::new()
        .with_default(level.min(LevelFilter::ERROR))
        .with_target(OURS, level)
        .with_target(TOLD_BY_US, LevelFilter::OFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn ours_are_heard_as_chosen_and_others_where_something_broke() {
        let at = |level| heard(level);
        assert!(at(LogLevel::Trace).would_enable("carapace_engine::service", &Level::TRACE));
        assert!(!at(LogLevel::Trace).would_enable("hyper::client", &Level::WARN));
        assert!(at(LogLevel::Info).would_enable("hyper::client", &Level::ERROR));
        assert!(!at(LogLevel::Info).would_enable("carapace_net", &Level::DEBUG));
        assert!(!at(LogLevel::Trace).would_enable("rmcp::transport", &Level::ERROR));
        assert!(!at(LogLevel::Off).would_enable("carapace", &Level::ERROR));
        assert!(!at(LogLevel::Off).would_enable("hyper", &Level::ERROR));
    }
}
