//! The arguments of `carapace service`.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Has the system start a runtime, and start it again when it fails: a unit of systemd, or a property list of launchd.
#[derive(Debug, ClapArgs)]
pub(crate) struct Service {
    #[command(subcommand)]
    pub(crate) command: ServiceCommand,
}

/// What to do with the service's file.
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Write it where the system looks for it, and say how it is started
    Install(ServiceFile),
    /// Take it away
    Uninstall(ServiceFile),
    /// Show it
    Print(ServiceFile),
}

/// Who starts services here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Starter {
    /// Linux
    Systemd,
    /// macOS
    Launchd,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServiceFile {
    /// A service of yours, which runs while you are logged in (the usual case)
    #[arg(long, conflicts_with = "system")]
    pub(crate) user: bool,
    /// A service of the machine
    #[arg(long)]
    pub(crate) system: bool,
    /// Who starts it; what is usual on this machine where it is left out
    #[arg(long, value_enum)]
    pub(crate) starter: Option<Starter>,
    /// What the service is called
    #[arg(long, value_name = "NAME", default_value = "carapace")]
    pub(crate) name: String,
    /// The runtime's data directory; the one that the configuration names, or `.carapace`, where it is left out
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// What the runtime is configured with; `carapace.json5` where that file is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The user that a service of the machine runs as
    #[arg(long, value_name = "USER", default_value = "carapace", requires = "system")]
    pub(crate) run_as: String,
    /// A secret that systemd hands to it and to nobody else: `NAME:FILE`
    #[arg(long, value_name = "NAME:FILE")]
    pub(crate) credential: Vec<String>,
}
