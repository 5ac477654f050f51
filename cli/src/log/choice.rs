//! What can be chosen about the log: flags go before the environment, and that before the configuration.

use crate::problem::Problem;
use carapace_config::LogConfig;
use clap::ValueEnum;
use tracing::level_filters::LevelFilter;

/// The variable that says the level.
const VARIABLE: &str = "CARAPACE_LOG";

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Human,
    /// One JSON object a line, and nothing else on standard error
    Json,
}

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum LogLevel {
    /// Nothing
    Off,
    /// What went wrong
    Error,
    /// And what a person should see
    Warn,
    /// And how things go
    Info,
    /// And each step, for whoever looks for a mistake
    Debug,
    /// Everything
    Trace,
}

/// What is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) format: LogFormat,
    pub(crate) level: LogLevel,
}

impl Choice {
    /// Of the flags, the environment and the configuration. Where nobody says a level, programs get to know how things go, and
    /// people what they should see: they are told the rest in words of its own.
    ///
    /// # Errors
    /// Where the environment says something that is no level.
    pub(crate) fn of(
        format: Option<LogFormat>,
        level: Option<LogLevel>,
        config: &LogConfig,
    ) -> Result<Choice, Problem> {
        let variable = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
        Choice::with(format, level, variable.as_deref(), config)
    }

    fn with(
        format: Option<LogFormat>,
        level: Option<LogLevel>,
        variable: Option<&str>,
        config: &LogConfig,
    ) -> Result<Choice, Problem> {
        let configured = config.format.as_deref().and_then(|text| LogFormat::from_str(text, false).ok());
        let format = format.or(configured).unwrap_or(LogFormat::Human);
        let usual = if format == LogFormat::Json { LogLevel::Info } else { LogLevel::Warn };
        let configured = config.level.as_deref().and_then(|text| LogLevel::from_str(text, false).ok());
        let level = match (level, variable) {
            (Some(level), _) => level,
            (None, Some(text)) => LogLevel::from_str(text, true).map_err(|_| no_level(text))?,
            (None, None) => configured.unwrap_or(usual),
        };
        Ok(Choice { format, level })
    }
}

fn no_level(text: &str) -> Problem {
    Problem::new("E1100", format!("`{text}` is no level of the log, and `{VARIABLE}` says it"))
        .help("write `off`, `error`, `warn`, `info`, `debug` or `trace`")
}

impl LogLevel {
    pub(super) fn filter(self) -> LevelFilter {
        match self {
            LogLevel::Off => LevelFilter::OFF,
            LogLevel::Error => LevelFilter::ERROR,
            LogLevel::Warn => LevelFilter::WARN,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Debug => LevelFilter::DEBUG,
            LogLevel::Trace => LevelFilter::TRACE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_before_the_environment_and_that_before_the_file() {
        let file = LogConfig { format: Some("json".into()), level: Some("debug".into()) };
        let nothing = LogConfig::default();
        for (format, level, variable, config, expected) in [
            (None, None, None, &nothing, (LogFormat::Human, LogLevel::Warn)),
            (Some(LogFormat::Json), None, None, &nothing, (LogFormat::Json, LogLevel::Info)),
            (None, None, None, &file, (LogFormat::Json, LogLevel::Debug)),
            (None, None, Some("TRACE"), &file, (LogFormat::Json, LogLevel::Trace)),
            (
                Some(LogFormat::Human),
                Some(LogLevel::Off),
                Some("x"),
                &file,
                (LogFormat::Human, LogLevel::Off),
            ),
        ] {
            let choice = Choice::with(format, level, variable, config).unwrap();
            assert_eq!((choice.format, choice.level), expected);
        }
        let problem = Choice::with(None, None, Some("loud"), &nothing).unwrap_err();
        assert_eq!(problem.code(), "E1100");
    }
}
