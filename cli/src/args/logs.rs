//! The arguments of `carapace logs`.

use super::Where;
use clap::{Args as ClapArgs, ValueEnum};

/// Tells what flows logged (`log("…")`), which runs failed, and what the runtime had to say: of one that runs, or out of the
/// journal of one that is stopped.
#[derive(Debug, ClapArgs)]
pub(crate) struct Logs {
    /// Go on with what happens from now on
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Only what a flow of this name logged, and its failures
    #[arg(long, value_name = "NAME")]
    pub(crate) flow: Option<String>,
    /// Only what matters at least as much
    #[arg(long, value_enum)]
    pub(crate) level: Option<Severity>,
    /// How far back: `1h`, `30m`, `7d`; `all` for everything that is kept
    #[arg(long, value_name = "TIME", default_value = "1d")]
    pub(crate) since: String,
    #[command(flatten)]
    pub(crate) at: Where,
}

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Severity {
    /// Everything
    Debug,
    /// How things go
    Info,
    /// What a person should see
    Warning,
    /// What went wrong
    Error,
}
