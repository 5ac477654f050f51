//! The arguments of `carapace run`.

use crate::log::{LogFormat, LogLevel};
use clap::Args as ClapArgs;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Compiles packages and serves them at this terminal and on a chat page; compiles and deploys them again when their files
/// change. With a data directory and no path, serves what is deployed there (`carapace deploy`). Where standard input is no
/// terminal, each line of it is a message, the answers go to standard output, and the end of the input ends the runtime.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Run {
    /// Files or folders; `.` where neither a path, a configuration nor a data directory says what runs
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// What the runtime is configured with; `carapace.json5` where that file is there. Flags go before it
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Start with the configuration that worked last where this one does not work, and say so
    #[arg(long)]
    pub(crate) last_known_good: bool,
    /// Where the runtime keeps what it must not lose; `.carapace` where it is left out
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Where the chat page is served: `127.0.0.1:7171` where nothing says it; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// What a slot stands for: `support=webchat`, `oncall=webchat:#oncall`, `managers=terminal:ana,terminal:bo`
    #[arg(long, value_name = "SLOT=PLACE")]
    pub(crate) bind: Vec<String>,
    /// What becomes of messages that waited too long for their channel: `telegram=digest:2h`. `deliver` sends them all the
    /// same, `drop` keeps them back, `digest` too and sends one message that says so; without a time it is 1h
    #[arg(long, value_name = "ACCOUNT=FATE")]
    pub(crate) stale: Vec<String>,
    /// How long what was is kept: the history of runs that are over, events and all: `30d` where nothing says it. `0`
    /// keeps none
    #[arg(long, value_name = "TIME")]
    pub(crate) history: Option<String>,
    /// A setting's value: `refund_limit="50 EUR"`
    #[arg(long, value_name = "SETTING=VALUE")]
    pub(crate) set: Vec<String>,
    /// A site whose pages may show the chat page in a frame, as the widget does: `https://shop.example`
    #[arg(long, value_name = "SITE")]
    pub(crate) embed: Vec<String>,
    /// A file whose first line is the passphrase of the file of secrets; `/dev/fd/3` is a pipe
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Leave standard input alone, and serve until told to stop
    #[arg(long)]
    pub(crate) no_terminal: bool,
    /// Go on with those who answer at the pace of a program, and send as much to one conversation as is asked for: for load
    /// tests, and for programs that may
    #[arg(long)]
    pub(crate) no_loop_check: bool,
    /// How much the log says, on standard error: `info` in JSON and `warn` otherwise, where neither this, the variable
    /// `CARAPACE_LOG` nor the configuration says it
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub(crate) log_level: Option<LogLevel>,
    /// How the log is written; in JSON, everything on standard error is one object a line
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) log_format: Option<LogFormat>,
    /// Do not compile again when a file changes
    #[arg(long)]
    pub(crate) no_watch: bool,
}
